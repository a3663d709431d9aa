import type { CancelTimer, Clock } from '#pkg/base';
import type { Logger } from '#pkg/observability';
import type { StepRow } from '#pkg/store';

const LOOK_MS = 200;
/** Shorter blocks come from the garbage collector and from a busy machine; a lease lasts long beyond this. */
const BLOCKED_MS = 400;

/**
 * Says when this process could do nothing for a while, and names the steps that ran then: one of them held the thread.
 *
 * A handler that computes for long belongs into pieces, or out of the process: nothing else runs meanwhile, no heartbeat
 * either, and its lease may lapse.
 */
export function watchLoop(dependencies: {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly running: () => readonly StepRow[];
}): Disposable {
  const { clock, logger, running } = dependencies;
  let cancel: CancelTimer = () => undefined;
  const look = (): void => {
    const dueMs = clock.monotonicMs() + LOOK_MS;
    // Taken before: what held the thread may have ended when the timer fires at last.
    const before = running();
    cancel = clock.schedule(LOOK_MS, () => {
      const blockedMs = clock.monotonicMs() - dueMs;
      if (blockedMs > BLOCKED_MS) {
        const steps = new Map([...before, ...running()].map((step) => [step.id, step]));
        logger.warn(
          {
            reason: 'ThreadBlocked',
            blockedMs: Math.round(blockedMs),
            handlers: [...new Set([...steps.values()].map(({ name }) => name))],
            steps: [...steps.keys()],
          },
          'the thread was held: nothing ran meanwhile',
        );
      }
      look();
    });
  };
  look();
  return { [Symbol.dispose]: () => cancel() };
}
