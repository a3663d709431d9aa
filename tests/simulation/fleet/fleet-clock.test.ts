import { expect, test } from 'vitest';

import { createFleetClock } from './fleet-clock.ts';

const START_MS = 1_000_000;
const MINUTE_MS = 60_000;

test('timers run in order of time, then of scheduling, and a canceled one never', () => {
  const clock = createFleetClock(START_MS);
  const ran: string[] = [];
  clock.schedule(20, () => ran.push('late'));
  clock.schedule(10, () => ran.push('first'));
  clock.schedule(10, () => ran.push('second'));
  clock.schedule(15, () => ran.push('never'))();
  while (clock.step(START_MS + 100));
  expect(ran).toEqual(['first', 'second', 'late']);
  expect(clock.nowMs()).toBe(START_MS + 100);
});

test('a rest moves the wall clock and long timers, not the monotonic clock and short ones', () => {
  const clock = createFleetClock(START_MS);
  const ran: string[] = [];
  clock.schedule(400, () => ran.push('heartbeat'));
  clock.schedule(MINUTE_MS, () => ran.push('timetable'));
  expect(clock.rest(START_MS + 10 * MINUTE_MS)).toBe(MINUTE_MS);
  expect([clock.nowMs(), clock.monotonicMs()]).toEqual([START_MS + MINUTE_MS, 0]);
  clock.step(START_MS + 10 * MINUTE_MS);
  expect(ran).toEqual(['timetable']);
  clock.step(START_MS + 10 * MINUTE_MS);
  expect(ran).toEqual(['timetable', 'heartbeat']);
  expect(clock.monotonicMs()).toBe(400);
});
