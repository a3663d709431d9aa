/**
 * The one door to time.
 *
 * `nowMs` is wall-clock time (UTC, ms since 1970), for stamps that people and other processes read.
 * `monotonicMs` never jumps and has fractions, for time-outs, back-off, lease checks and durations.
 * Which clock decides what is fixed in ARCHITECTURE.md ("Which clock").
 */
export interface Clock {
  nowMs(): number;
  monotonicMs(): number;
  /** Calls `callback` once after `delayMs`; the returned function cancels it. Never holds the process open. */
  schedule(delayMs: number, callback: () => void): CancelTimer;
  /** Resolves after `delayMs`, or at once when `signal` aborts. Never rejects. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

export type CancelTimer = () => void;

const TIMER_MS_MAX = 2_000_000_000;

/** Returns the clock of this machine. */
export function createSystemClock(): Clock {
  const schedule = (delayMs: number, callback: () => void): CancelTimer => {
    const timer = setTimeout(callback, Math.min(Math.max(0, delayMs), TIMER_MS_MAX));
    timer.unref();
    return () => clearTimeout(timer);
  };
  return {
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    schedule,
    sleep: (delayMs, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) return resolve();
        const timer = setTimeout(finish, Math.min(Math.max(0, delayMs), TIMER_MS_MAX));
        function finish(): void {
          clearTimeout(timer);
          signal?.removeEventListener('abort', finish);
          resolve();
        }
        signal?.addEventListener('abort', finish, { once: true });
      }),
  };
}

/** Returns a clock that stands still until `advance` moves it; for tests and simulations. */
export function createManualClock(startMs = Date.UTC(2026, 0, 1)): ManualClock {
  let elapsedMs = 0;
  let sequence = 0;
  let timers: { readonly atMs: number; readonly order: number; readonly callback: () => void }[] =
    [];
  const clock: ManualClock = {
    nowMs: () => startMs + elapsedMs,
    monotonicMs: () => elapsedMs,
    schedule: (delayMs, callback) => {
      const timer = { atMs: elapsedMs + Math.max(0, delayMs), order: sequence++, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    sleep: (delayMs, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) return resolve();
        const cancel = clock.schedule(delayMs, resolve);
        signal?.addEventListener(
          'abort',
          () => {
            cancel();
            resolve();
          },
          { once: true },
        );
      }),
    advance: (durationMs) => {
      const untilMs = elapsedMs + durationMs;
      for (;;) {
        const due = timers
          .filter((timer) => timer.atMs <= untilMs)
          .toSorted((a, b) => a.atMs - b.atMs || a.order - b.order)[0];
        if (due === undefined) break;
        timers = timers.filter((timer) => timer !== due);
        elapsedMs = due.atMs;
        due.callback();
      }
      elapsedMs = untilMs;
    },
    nextTimerInMs: () => {
      const first = timers.toSorted((a, b) => a.atMs - b.atMs)[0];
      return first === undefined ? undefined : first.atMs - elapsedMs;
    },
  };
  return clock;
}

export interface ManualClock extends Clock {
  /** Moves time forward and runs what became due, in order of time, then of scheduling. */
  advance(durationMs: number): void;
  /** Time to the earliest timer, or undefined when none waits. */
  nextTimerInMs(): number | undefined;
}

/** Calls `act` when all that is settled by now has run on; no time passes. For adapters to real servers only. */
export function atEndOfTurn(act: () => void): void {
  setImmediate(act);
}
