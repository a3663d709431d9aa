/**
 * harness: what tests stand on: real servers, private to the run.
 *
 * `useTestMariadb` and `useTestMysql` give a test file a fresh, empty database on a server shared by the run;
 * `useTestRedis` gives it a Redis of its own (it starts in 30 ms), so that wiping or killing it disturbs nobody.
 * Nothing here skips: a server that cannot be brought fails the file with how to get it.
 */
export {
  useTestMariadb,
  useTestMysql,
  useTestRedis,
  type TestDatabase,
  type TestRedis,
} from './servers.ts';
