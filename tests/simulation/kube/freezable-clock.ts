import type { Clock } from '#pkg/base';

/** The clock of a process that may stand still: its timers are late, and its clock tells the time all the same. */
export interface FreezableClock extends Clock {
  freeze(): void;
  /** Runs what became due meanwhile, in order. */
  thaw(): void;
}

export function createFreezableClock(clock: Clock): FreezableClock {
  let isFrozen = false;
  let due: (() => void)[] = [];
  const schedule: Clock['schedule'] = (delayMs, callback) => {
    let isCancelled = false;
    const fire = (): void => {
      if (isCancelled) return;
      if (isFrozen) due.push(fire);
      else callback();
    };
    const cancel = clock.schedule(delayMs, fire);
    return () => {
      isCancelled = true;
      cancel();
    };
  };
  return {
    nowMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs(),
    schedule,
    sleep: (delayMs, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) return resolve();
        const cancel = schedule(delayMs, resolve);
        signal?.addEventListener('abort', () => (cancel(), resolve()), { once: true });
      }),
    freeze: () => {
      isFrozen = true;
    },
    thaw: () => {
      isFrozen = false;
      const late = due;
      due = [];
      for (const fire of late) fire();
    },
  };
}
