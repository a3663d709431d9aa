import type { Clock } from '#pkg/base';

/** The venue's own time: a clock that the admin port can move forward. Timers keep the pace of the clock below. */
export interface MovableClock extends Clock {
  move(byMs: number): void;
}

export function createMovableClock(below: Clock): MovableClock {
  let aheadMs = 0;
  return {
    ...below,
    nowMs: () => below.nowMs() + aheadMs,
    move: (byMs) => {
      aheadMs += byMs;
    },
  };
}
