import type { CancelTimer, Clock } from '#pkg/base';

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly callback: () => void;
  isCanceled: boolean;
}

/**
 * The time of a simulated fleet, which may rest.
 *
 * While nothing goes on but heartbeats and looks, `rest` moves the wall clock and leaves the monotonic one: short timers
 * move along as if every process and the database had been stopped for that time, long ones and the venue's time do not.
 * A day then costs what happens in it, not five heartbeats in each second of it.
 */
export interface FleetClock extends Clock {
  /** Runs the next timer; false when none is due before `untilMs` (wall clock), and then it is that late. */
  step(untilMs: number): boolean;
  /** Moves the wall clock up to `untilMs`, or up to the first long timer. Returns the time that passed. */
  rest(untilMs: number): number;
  /** Time that was rested so far. */
  restedMs(): number;
}

/** Timers of at least this delay wait for an instant of the wall clock: the timetable, renewals of keys and sockets. */
const LONG_MS = 6_000;

/** Returns a clock that stands still until it is stepped. */
export function createFleetClock(startMs: number): FleetClock {
  const short = createTimerHeap();
  const long = createTimerHeap();
  let elapsedMs = 0;
  let aheadMs = 0;
  let sequence = 0;
  const nowMs = (): number => startMs + elapsedMs + aheadMs;
  const schedule = (delayMs: number, callback: () => void): CancelTimer => {
    const isLong = delayMs >= LONG_MS;
    const timer: Timer = {
      atMs: (isLong ? nowMs() : elapsedMs) + Math.max(0, delayMs),
      order: (sequence += 1),
      callback,
      isCanceled: false,
    };
    (isLong ? long : short).push(timer);
    return () => {
      timer.isCanceled = true;
    };
  };
  return {
    nowMs,
    monotonicMs: () => elapsedMs,
    restedMs: () => aheadMs,
    schedule,
    sleep: (delayMs, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) return resolve();
        const end = (): void => {
          cancel();
          signal?.removeEventListener('abort', end);
          resolve();
        };
        const cancel = schedule(delayMs, end);
        signal?.addEventListener('abort', end, { once: true });
      }),
    step: (untilMs) => {
      const leftMs = untilMs - nowMs();
      const shortInMs = (short.first()?.atMs ?? Number.POSITIVE_INFINITY) - elapsedMs;
      const longInMs = (long.first()?.atMs ?? Number.POSITIVE_INFINITY) - nowMs();
      const inMs = Math.min(shortInMs, longInMs);
      if (inMs > leftMs) {
        elapsedMs += Math.max(0, leftMs);
        return false;
      }
      elapsedMs += Math.max(0, inMs);
      (shortInMs <= longInMs ? short : long).pop()?.callback();
      return true;
    },
    rest: (untilMs) => {
      const nextMs = Math.min(untilMs, long.first()?.atMs ?? Number.POSITIVE_INFINITY);
      const passedMs = Math.max(0, nextMs - nowMs());
      aheadMs += passedMs;
      return passedMs;
    },
  };
}

interface TimerHeap {
  push(timer: Timer): void;
  /** The earliest timer that still waits. */
  first(): Timer | undefined;
  pop(): Timer | undefined;
}

function createTimerHeap(): TimerHeap {
  const heap: Timer[] = [];
  const isBefore = (a: Timer | undefined, b: Timer | undefined): boolean =>
    a !== undefined &&
    b !== undefined &&
    (a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order));
  const swap = (one: number, other: number): void => {
    const [a, b] = [heap[one], heap[other]];
    if (a === undefined || b === undefined) return;
    heap[one] = b;
    heap[other] = a;
  };
  const pop = (): Timer | undefined => {
    const top = heap[0];
    const last = heap.pop();
    if (heap.length > 0 && last !== undefined) {
      heap[0] = last;
      for (let at = 0; ;) {
        const left = 2 * at + 1;
        const least = isBefore(heap[left + 1], heap[left]) ? left + 1 : left;
        if (!isBefore(heap[least], heap[at])) break;
        swap(at, least);
        at = least;
      }
    }
    return top;
  };
  const first = (): Timer | undefined => {
    while (heap[0]?.isCanceled === true) pop();
    return heap[0];
  };
  return {
    push: (timer) => {
      let at = heap.push(timer) - 1;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (!isBefore(heap[at], heap[parent])) break;
        swap(at, parent);
        at = parent;
      }
    },
    first,
    pop: () => (first() === undefined ? undefined : pop()),
  };
}
