/**
 * config: one typed configuration for the processes of the fleet; the only reader of `process.env`.
 *
 * It tells every mistake at once, and what it writes for a child reads back the same. It is not the KraiteFleet object
 * (that is fleet-spec) and not settings that change while a process runs (those are rows, or the workload file).
 */
export {
  ConfigError,
  readProcessConfig,
  writeProcessConfig,
  type ProcessConfig,
} from './process-config.ts';
export { readMysqlUrl } from './mysql-url.ts';
export { parseWorkloadFile, type WorkloadFile } from './workload-file.ts';
