import { toError } from '#pkg/base';
import type { StepRow } from '#pkg/store';
import { toQueuedStep } from '../queued-step.ts';
import type { StepWorkerDependencies } from './step-worker.ts';
import type { WorkerState } from './worker-state.ts';

const DELAY_MS_MIN = 50;
/** Each offer waits a part of the step's age, so that a step which nobody knows costs less and less. */
const AGE_SHARE = 4;
/** What waits longer is offered by the sweep alone. */
const AGE_MS_MAX = 60_000;

/**
 * Puts the job of a step that this release does not know back into its lane, for a worker of the release that does.
 *
 * While two releases run side by side every other job comes to the wrong one, and the sweep would bring it only seconds later.
 */
export function offerAgain(
  state: Pick<WorkerState, 'isStopping'>,
  { queues, clock, logger }: Pick<StepWorkerDependencies, 'queues' | 'clock' | 'logger'>,
  step: StepRow,
): void {
  const ageMs = Math.max(0, clock.nowMs() - (step.readyAtMs ?? step.createdAtMs));
  if (ageMs > AGE_MS_MAX) return;
  clock.schedule(Math.max(DELAY_MS_MIN, ageMs / AGE_SHARE), () => {
    if (state.isStopping) return;
    queues.enqueue([toQueuedStep(step)]).catch((error: unknown) => {
      logger.debug({ err: toError(error), step: step.id }, 'not offered again; the sweep will');
    });
  });
}
