import type { MetricDefinition } from './metric-definition.ts';

/**
 * The metrics of Kubernetes controllers, under the names, labels and buckets of controller-runtime and client-go, so
 * that the dashboards and alerts that exist for them work.
 *
 * Sources: kubernetes-sigs/controller-runtime `pkg/internal/controller/metrics`, `pkg/internal/metrics/workqueue.go`,
 * `pkg/metrics/leaderelection.go`; kubernetes/component-base `metrics/prometheus/restclient`.
 */
const RECONCILE_BUCKETS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1,
  1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
];
const REST_BUCKETS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];
const QUEUE_BUCKETS = exponentialBuckets(10e-9, 10, 12);

/** Multiplies step by step, as Go's client does: the bounds must be the very same floating-point numbers. */
function exponentialBuckets(start: number, factor: number, count: number): readonly number[] {
  const buckets: number[] = [];
  for (let bound = start; buckets.length < count; bound *= factor) buckets.push(bound);
  return buckets;
}

export const CONTROLLER_METRICS = {
  controller_runtime_reconcile_total: {
    kind: 'counter',
    help: 'Total number of reconciliations per controller',
    labels: ['controller', 'result'],
  },
  controller_runtime_reconcile_errors_total: {
    kind: 'counter',
    help: 'Total number of reconciliation errors per controller',
    labels: ['controller'],
  },
  controller_runtime_terminal_reconcile_errors_total: {
    kind: 'counter',
    help: 'Total number of terminal reconciliation errors per controller',
    labels: ['controller'],
  },
  controller_runtime_reconcile_panics_total: {
    kind: 'counter',
    help: 'Total number of reconciliation panics per controller',
    labels: ['controller'],
  },
  controller_runtime_reconcile_timeouts_total: {
    kind: 'counter',
    help: 'Total number of reconciliation timeouts per controller',
    labels: ['controller'],
  },
  controller_runtime_reconcile_time_seconds: {
    kind: 'histogram',
    help: 'Length of time per reconciliation per controller',
    labels: ['controller'],
    buckets: RECONCILE_BUCKETS,
  },
  controller_runtime_max_concurrent_reconciles: {
    kind: 'gauge',
    help: 'Maximum number of concurrent reconciles per controller',
    labels: ['controller'],
  },
  controller_runtime_active_workers: {
    kind: 'gauge',
    help: 'Number of currently used workers per controller',
    labels: ['controller'],
  },
  workqueue_depth: {
    kind: 'gauge',
    help: 'Current depth of workqueue by workqueue and priority',
    labels: ['name', 'controller', 'priority'],
  },
  workqueue_adds_total: {
    kind: 'counter',
    help: 'Total number of adds handled by workqueue',
    labels: ['name', 'controller'],
  },
  workqueue_retries_total: {
    kind: 'counter',
    help: 'Total number of retries handled by workqueue',
    labels: ['name', 'controller'],
  },
  workqueue_queue_duration_seconds: {
    kind: 'histogram',
    help: 'How long in seconds an item stays in workqueue before being requested',
    labels: ['name', 'controller'],
    buckets: QUEUE_BUCKETS,
  },
  workqueue_work_duration_seconds: {
    kind: 'histogram',
    help: 'How long in seconds processing an item from workqueue takes.',
    labels: ['name', 'controller'],
    buckets: QUEUE_BUCKETS,
  },
  workqueue_unfinished_work_seconds: {
    kind: 'gauge',
    help: 'How many seconds of work has been done that is in progress and has not been observed by work_duration.',
    labels: ['name', 'controller'],
  },
  workqueue_longest_running_processor_seconds: {
    kind: 'gauge',
    help: 'How many seconds has the longest running processor for workqueue been running.',
    labels: ['name', 'controller'],
  },
  leader_election_master_status: {
    kind: 'gauge',
    help: 'Gauge of if the reporting system is master of the relevant lease, 0 indicates backup, 1 indicates master.',
    labels: ['name'],
  },
  leader_election_slowpath_total: {
    kind: 'counter',
    help: 'Total number of slow path exercised in renewing leader leases.',
    labels: ['name'],
  },
  rest_client_requests_total: {
    kind: 'counter',
    help: 'Number of HTTP requests, partitioned by status code, method, and host.',
    labels: ['code', 'method', 'host'],
  },
  rest_client_request_duration_seconds: {
    kind: 'histogram',
    help: 'Request latency in seconds. Broken down by verb, and host.',
    labels: ['verb', 'host'],
    buckets: REST_BUCKETS,
  },
  rest_client_request_retries_total: {
    kind: 'counter',
    help: 'Number of request retries, partitioned by status code, verb, and host.',
    labels: ['code', 'verb', 'host'],
  },
} as const satisfies Record<string, MetricDefinition>;
