import type { CancelTimer, Clock } from '#pkg/base';
import type { Logger } from '#pkg/observability';
import type { StepRow } from '#pkg/store';

const LOOK_MS = 200;
/** Shorter blocks come from the garbage collector and from a busy machine; a lease lasts long beyond this. */
const BLOCKED_MS = 400;

interface LoopWatch extends Disposable {
  /** Looks from now on, for as long as something runs. */
  look(): void;
}

/**
 * Says when this process could do nothing for a while, and names the steps that ran then: one of them held the thread.
 *
 * A handler that computes for long belongs into pieces, or out of the process: nothing else runs meanwhile, no heartbeat
 * either, and its lease may lapse. Nothing is looked at while nothing runs: `look` says that something does.
 */
export function watchLoop(dependencies: {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly running: () => readonly StepRow[];
}): LoopWatch {
  const { clock, logger, running } = dependencies;
  let cancel: CancelTimer = () => undefined;
  let isLooking = false;
  let isEnded = false;
  const look = (): void => {
    isLooking = !isEnded && running().length > 0;
    if (!isLooking) return;
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
  return {
    look: () => {
      if (!isLooking) look();
    },
    [Symbol.dispose]: () => {
      isEnded = true;
      cancel();
    },
  };
}
