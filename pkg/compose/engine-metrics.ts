/** What worker, caretaker and dispatcher tell of their work, under the names of the catalogue. */
import type { CaretakerMetrics, StepWorker, WorkerMetrics } from '#pkg/steps';
import type { Metrics } from '#pkg/observability';
import type { StepStore } from '#pkg/store';

/** Returns what a worker counts of the steps that it runs. */
export function workerMetrics(metrics: Metrics): WorkerMetrics {
  return {
    started: (step, hopMs) => {
      const { readyAtMs, startedAtMs, lane } = step;
      if (readyAtMs !== undefined && startedAtMs !== undefined) {
        const waitMs = Math.max(0, startedAtMs - readyAtMs);
        metrics.observe('kraite_step_queue_wait_seconds', { lane }, waitMs / 1_000);
      }
      if (hopMs === undefined) return;
      metrics.observe('kraite_step_hop_seconds', { lane }, hopMs / 1_000);
    },
    ended: ({ lane, name: handler }, end, durationMs) => {
      metrics.increment('kraite_steps_finished_total', { lane, outcome: end.kind });
      metrics.observe('kraite_step_duration_seconds', { lane, handler }, durationMs / 1_000);
      if (end.kind === 'failed' && end.retry !== undefined) {
        metrics.increment('kraite_step_retries_total', { lane });
      }
      if ('reason' in end && end.reason !== undefined) {
        metrics.increment('kraite_refusals_total', { reason: end.reason });
      }
    },
    lapsed: ({ lane }) => metrics.increment('kraite_step_leases_lapsed_total', { lane }),
    workflowEnded: ({ name, state }) =>
      metrics.increment('kraite_workflows_finished_total', { workflow: name, outcome: state }),
  };
}

/** Shows before each scrape how many slots of its lanes a worker has, and how many are at work. */
export function showLanes(metrics: Metrics, worker: Pick<StepWorker, 'facts'>): void {
  metrics.onScrape(() => {
    for (const { lane, slots, busy } of worker.facts().lanes) {
      metrics.set('kraite_lane_slots', { lane }, slots);
      metrics.set('kraite_lane_slots_busy', { lane }, busy);
    }
  });
}

/** Returns what a dispatcher, or a worker in its place, counts of its care for admitted work. */
export function caretakerMetrics(metrics: Metrics): CaretakerMetrics {
  return {
    admitted: ({ name }) =>
      metrics.increment('kraite_workflows_admitted_total', { workflow: name }),
    recovered: ({ lane }) => metrics.increment('kraite_steps_recovered_total', { lane }),
    swept: (count) => metrics.increment('kraite_steps_swept_total', {}, count),
    woken: (count) => metrics.increment('kraite_steps_woken_total', {}, count),
  };
}

/** Shows before each scrape what stands in the lanes, and how long the oldest ready step of each has waited. */
export function showBacklog(
  metrics: Metrics,
  {
    steps,
    nowMs,
  }: { readonly steps: Pick<StepStore, 'countByLane'>; readonly nowMs: () => number },
): void {
  metrics.onScrape(async () => {
    const counts = await steps.countByLane();
    metrics.clear('kraite_steps');
    metrics.clear('kraite_steps_oldest_ready_seconds');
    // The lane `own` stands here once for each box.
    for (const [lane, its] of Map.groupBy(counts, (each) => each.lane)) {
      for (const [state, alike] of Map.groupBy(its, (each) => each.state)) {
        const count = alike.reduce((sum, each) => sum + each.count, 0);
        metrics.set('kraite_steps', { lane, state }, count);
      }
      const oldestMs = Math.min(...its.map(({ oldestReadyAtMs = Infinity }) => oldestReadyAtMs));
      const waitedMs = oldestMs === Infinity ? 0 : Math.max(0, nowMs() - oldestMs);
      metrics.set('kraite_steps_oldest_ready_seconds', { lane }, waitedMs / 1_000);
    }
  });
}
