/**
 * local: the fleet on one machine.
 *
 * `programs` brings MariaDB and Redis as programs (found, or unpacked from the distribution's packages; nothing is
 * installed), `servers` runs them privately: loopback only, password, own data folder, and they end when the
 * process that started them does, however it dies.
 *
 * It is not a second operator: it applies the same plan (fleet-spec) to child processes instead of pods.
 */
export {
  cacheFolder,
  ensurePrograms,
  findProgram,
  type ProgramsOptions,
} from './programs/ensure-programs.ts';
export { ProgramError } from './programs/program-error.ts';
export type { Program } from './programs/program.ts';
export { explainByHand, type ProgramName } from './programs/recipes.ts';
export { findFreePort } from './servers/free-port.ts';
export {
  startGuarded,
  type GuardedProcess,
  type GuardOptions,
  type ProcessExit,
} from './servers/guarded-process.ts';
export { startMariadb, type SqlServerOptions } from './servers/mariadb.ts';
export { startMysql } from './servers/mysql.ts';
export { startRedis } from './servers/redis.ts';
export { ServerError } from './servers/server-error.ts';
export type { LocalServer, ServerOptions } from './servers/server.ts';
