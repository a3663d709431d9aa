/** config: one typed configuration for the processes of the fleet; the only reader of `process.env`. */
export {
  ConfigError,
  readProcessConfig,
  writeProcessConfig,
  type ProcessConfig,
} from './process-config.ts';
export { readMysqlUrl } from './mysql-url.ts';
export { parseWorkloadFile, type WorkloadFile } from './workload-file.ts';
