import type { ManualClock } from '#pkg/base';

/** Moves a clock timer by timer, and lets everything that a timer woke run to its end before the next one. */
export async function passTime(clock: ManualClock, durationMs: number): Promise<void> {
  const untilMs = clock.monotonicMs() + durationMs;
  await settle();
  for (;;) {
    const leftMs = untilMs - clock.monotonicMs();
    const nextMs = clock.nextTimerInMs();
    if (nextMs === undefined || nextMs > leftMs) {
      clock.advance(leftMs);
      return settle();
    }
    clock.advance(nextMs);
    await settle();
  }
}

/** Resolves when no promise that was ready is left: a macrotask begins after the last microtask. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
