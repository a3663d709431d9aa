/**
 * observability: the logger, the metrics and the health port of a process.
 *
 * The only importer of pino and prom-client. Metrics come from one catalogue: a name or label that is not in it
 * does not compile, and the reference page is generated from it.
 *
 * It is not where decisions are made: it shows what others decided, by the reason words of base.
 */
export type { CounterName, GaugeName, HistogramName, LabelsOf, MetricName } from './catalogue.ts';
export { HEALTH_PATHS, PRE_STOP_HEADER, PRE_STOP_TIMEOUT_PARAMETER } from './health-paths.ts';
export { createControllerMetrics, type ControllerMetrics } from './controller-metrics.ts';
export {
  startHealthServer,
  type HealthServer,
  type HealthServerOptions,
  type Readiness,
} from './health-server.ts';
export { createLogger, createSilentLogger, type LogFields, type Logger } from './logger.ts';
export { createMetrics, type Metrics, type MetricsOptions, type MetricsPage } from './metrics.ts';
export {
  parseProcessFacts,
  type LaneBacklog,
  type LaneFacts,
  type ProcessFacts,
} from './process-facts.ts';
