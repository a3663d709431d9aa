/** Starts MariaDB and Redis in the folder it is given, prints their pids, and waits to be killed. */
import { join } from 'node:path';
import { createSystemClock } from '#pkg/base';
import { ensurePrograms, startMariadb, startRedis } from '#pkg/local';

const folder = process.argv[2] ?? '.';
const clock = createSystemClock();
const programs = await ensurePrograms(['mariadb', 'redis'], {
  environment: process.env,
  report: () => undefined,
});
const optionsOf = (name: string) => ({
  dataFolder: join(folder, name),
  logFile: join(folder, `${name}.log`),
  password: 'held',
  clock,
});
const mariadb = await startMariadb(programs.mariadb, optionsOf('held-mariadb'));
const redis = await startRedis(programs.redis, optionsOf('held-redis'));
process.stdout.write(`${JSON.stringify([mariadb.pid, redis.pid])}\n`);
await Promise.all([mariadb.exited, redis.exited]);
