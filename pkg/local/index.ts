/**
 * local: one KraiteFleet on one machine.
 *
 * Turns the same plan that the operator gets into child processes: private database and Redis, the simulated
 * exchange, and every box on a loopback address of its own. `programs` brings the servers as programs (nothing is
 * installed), `servers` runs them privately. It knows no trade and no step; it starts, watches, kills, restarts and stops.
 * Invariants: one supervisor for each state folder; a child ends when its supervisor does, however that ended; a
 * killed box stays down until it is started; nothing outside the state folder and the cache is written.
 */
export type { AppliedChange, ApplyReport } from './apply.ts';
export { callSupervisor, type ControlCall } from './control-client.ts';
export { LocalError, type LocalErrorCode } from './errors.ts';
export { localEvent } from './event-feed.ts';
export type { LocalFleetOptions } from './fleet-options.ts';
export type { LocalEvent } from './local-event.ts';
export type { LocalFleet } from './local-fleet.ts';
export { cacheFolder, type ProgramsOptions } from './programs/cache-folder.ts';
export { ensurePrograms } from './programs/ensure-programs.ts';
export type { Program, ProgramName } from './programs/program.ts';
export { openFleetReader, type FleetReader } from './reader.ts';
export { runLocalFleet, type RunOutcome } from './run-fleet.ts';
export { findRuntimeRecord, type RuntimeRecord } from './runtime-record.ts';
export { findFreePort } from './servers/free-port.ts';
export { startGuarded, type GuardedProcess, type ProcessExit } from './servers/guarded-process.ts';
export { startMariadb, type SqlServerOptions } from './servers/mariadb.ts';
export { startMysql } from './servers/mysql.ts';
export { startRedis } from './servers/redis.ts';
export type { LocalServer, ServerOptions } from './servers/server.ts';
export { defaultStateRoot, openStateFolder, type OpenStateFolder } from './state-folder.ts';
export { statePaths, type StatePaths } from './state-paths.ts';
export type {
  BoxState,
  BoxStatus,
  FleetStatus,
  ProcessState,
  ProcessStatus,
  SiteAddress,
} from './status.ts';
export type { RunSummary } from './summary.ts';
