import { toError, type CancelTimer, type Clock } from '#pkg/base';
import type { Logger } from '#pkg/observability';

/** Work that is done in rounds, never two at once: each tells when the next one is due. */
export interface Rounds extends AsyncDisposable {
  /** A round as soon as the running one has ended. */
  kick(): void;
  /** A round at the latest after `delayMs`. */
  kickIn(delayMs: number): void;
}

/** Between a failed round and the next one. */
const FAILED_DELAY_MS = 500;

/** Starts with a round at once; `round` returns the delay to the next one. Its failure is logged and repeated. */
export function startRounds(
  dependencies: { readonly clock: Clock; readonly logger: Logger },
  name: string,
  round: () => Promise<number>,
): Rounds {
  const { clock, logger } = dependencies;
  let isRunning = false;
  let isKicked = false;
  let isStopped = false;
  let isFailing = false;
  let dueMs = Number.POSITIVE_INFINITY;
  let cancel: CancelTimer = () => undefined;
  let current: Promise<void> = Promise.resolve();

  const schedule = (delayMs: number): void => {
    const wantedMs = clock.monotonicMs() + delayMs;
    if (isStopped || wantedMs >= dueMs) return;
    cancel();
    dueMs = wantedMs;
    cancel = clock.schedule(delayMs, () => {
      // Fired: nothing is due any more, also when a round runs and the kick only leaves its mark.
      dueMs = Number.POSITIVE_INFINITY;
      kick();
    });
  };
  const run = async (): Promise<void> => {
    let delayMs = FAILED_DELAY_MS;
    try {
      delayMs = await round();
      isFailing = false;
    } catch (error) {
      if (!isFailing) logger.warn({ err: toError(error), round: name }, 'round failed');
      isFailing = true;
    }
    isRunning = false;
    schedule(isKicked ? 0 : delayMs);
    isKicked = false;
  };
  function kick(): void {
    if (isStopped) return;
    if (isRunning) {
      isKicked = true;
      return;
    }
    isRunning = true;
    cancel();
    dueMs = Number.POSITIVE_INFINITY;
    current = run();
  }
  kick();
  return {
    kick,
    kickIn: schedule,
    [Symbol.asyncDispose]: async () => {
      isStopped = true;
      cancel();
      await current;
    },
  };
}
