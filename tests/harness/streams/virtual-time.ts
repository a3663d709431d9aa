import { createManualClock, type ManualClock } from '#pkg/base';

/** Lets everything that waits for a promise, and for nothing else, go on. */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** A clock whose time passes timer by timer, with what each one wakes done before the next. */
export function createVirtualTime(startMs?: number): {
  readonly clock: ManualClock;
  readonly pass: (durationMs: number) => Promise<void>;
} {
  const clock = createManualClock(startMs);
  return {
    clock,
    pass: async (durationMs) => {
      const untilMs = clock.monotonicMs() + durationMs;
      for (;;) {
        await settle();
        const restMs = untilMs - clock.monotonicMs();
        const nextMs = clock.nextTimerInMs();
        if (nextMs === undefined || nextMs > restMs) break;
        clock.advance(nextMs);
      }
      clock.advance(untilMs - clock.monotonicMs());
      await settle();
    },
  };
}
