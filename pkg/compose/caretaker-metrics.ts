import type { CaretakerMetrics } from '#pkg/steps';
import type { ProcessBase } from './process.ts';

/** Returns what a dispatcher, or a worker in its place, counts of its care for admitted work. */
export function caretakerMetrics({ metrics }: Pick<ProcessBase, 'metrics'>): CaretakerMetrics {
  return {
    recovered: ({ lane }) => metrics.increment('kraite_steps_recovered_total', { lane }),
    swept: (count) => metrics.increment('kraite_steps_swept_total', {}, count),
    woken: (count) => metrics.increment('kraite_steps_woken_total', {}, count),
  };
}
