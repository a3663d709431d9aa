/** observability: the logger and the metrics; the only importer of pino and prom-client. */
export { createLogger, createSilentLogger, type LogFields, type Logger } from './logger.ts';
