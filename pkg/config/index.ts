/**
 * config: one typed configuration for the processes of the fleet; the only reader of `process.env`.
 *
 * It tells every mistake at once, and what it writes for a child reads back the same. It is not the KraiteFleet object
 * (that is fleet-spec) and not settings that change while a process runs (those are rows, or the workload file).
 */
export { ConfigError } from './config-error.ts';
export { readDatabaseConfig, type DatabaseConfig } from './database-config.ts';
export { readNodeAgentConfig, type NodeAgentConfig } from './node-agent-config.ts';
export {
  readProcessConfig,
  writeProcessConfig,
  type ProcessConfig,
  type VenueConfig,
  type WebConfig,
} from './process-config.ts';
export { watchMountedFile } from './watch-mounted-file.ts';
export { VARIABLES, type VariableName } from './variables.ts';
export { parseWorkloadFile, type WorkloadFile } from './workload-file.ts';
