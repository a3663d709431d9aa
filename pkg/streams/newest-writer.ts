import { backoffDelayMs, toError, type Clock, type Random } from '#pkg/base';

export interface NewestWriter<T> {
  /** Has `value` written, in place of one that still waits. */
  push(value: T): void;
  /** Resolves when nothing waits or is under way, or `stop` was called. */
  settled(): Promise<void>;
  /** Gives up what a failing write would try again. */
  stop(): void;
}

const BACKOFF = { baseMs: 100, capMs: 5_000 };

/**
 * Returns a writer of values of which only the newest matters: one write at a time, and what came meanwhile is one more.
 *
 * A write that fails is tried again, with the newest value, until it succeeds.
 */
export function createNewestWriter<T>(dependencies: {
  readonly write: (value: T) => Promise<void>;
  readonly onError: (error: Error) => void;
  readonly clock: Clock;
  readonly random: Random;
  /** Least time between the starts of two writes. */
  readonly gapMs?: number;
}): NewestWriter<T> {
  const { write, onError, clock, random, gapMs = 0 } = dependencies;
  const stopping = new AbortController();
  let waiting: { readonly value: T } | undefined;
  let running: Promise<void> | undefined;

  const run = async (): Promise<void> => {
    let failures = 0;
    for (let next = take(); next !== undefined; next = take()) {
      const startedMs = clock.monotonicMs();
      try {
        await write(next.value);
        failures = 0;
        const restMs = startedMs + gapMs - clock.monotonicMs();
        if (gapMs > 0 && restMs > 0) await clock.sleep(restMs, stopping.signal);
      } catch (error) {
        if (stopping.signal.aborted) return;
        failures += 1;
        onError(toError(error));
        waiting ??= next;
        await clock.sleep(backoffDelayMs(failures, BACKOFF, random), stopping.signal);
        if (stopping.signal.aborted) return;
      }
    }
  };
  const take = (): { readonly value: T } | undefined => {
    const next = waiting;
    waiting = undefined;
    return next;
  };
  return {
    push: (value) => {
      waiting = { value };
      running ??= run().finally(() => {
        running = undefined;
      });
    },
    settled: async () => running,
    stop: () => stopping.abort(),
  };
}
