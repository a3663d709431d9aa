import { queueNameOf, type Queues, type Signals } from '#pkg/queues';
import type { StepRow } from '#pkg/store';
import { queueOf, toQueuedStep } from './queued-step.ts';

/** Puts ready steps into their lanes, and tells of urgent ones, so that workflows that go on in their slot make room. */
export async function enqueueReady(
  { queues, signals }: { readonly queues: Queues; readonly signals: Signals },
  ready: readonly StepRow[],
): Promise<void> {
  if (ready.length === 0) return;
  await queues.enqueue(ready.map(toQueuedStep));
  const urgent = ready.filter(({ isUrgent }) => isUrgent).map((step) => queueNameOf(queueOf(step)));
  await Promise.all([...new Set(urgent)].map((name) => signals.publish('urgent', name)));
}
