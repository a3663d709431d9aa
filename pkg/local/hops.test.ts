import { expect, test } from 'vitest';

import type { StepRun } from '#pkg/store';
import { measureHops } from './hops.ts';

function run(startedAtMs: number, finishedAtMs: number | undefined, hopMs?: number): StepRun {
  const predecessorEndedAtMs = hopMs === undefined ? undefined : startedAtMs - hopMs;
  return { startedAtMs, finishedAtMs, predecessorEndedAtMs };
}

test('no runs give no figures', () => {
  expect(measureHops([])).toEqual({ stepsCompleted: 0, hopMsP50: null, hopMsP99: null });
});

test('steps that follow one another on an idle fleet all count', () => {
  const runs = [run(0, 10), run(11, 20, 1), run(22, 30, 2), run(33, 40, 3)];
  expect(measureHops(runs)).toEqual({ stepsCompleted: 4, hopMsP50: 2, hopMsP99: 3 });
});

test('a step that starts while two others run is left out', () => {
  const runs = [run(0, 100), run(5, 100, 1), run(10, 100, 50), run(15, 100, 60)];
  expect(measureHops(runs).hopMsP99).toBe(1);
});

test('a run that ended at the very instant of a start no longer counts as running', () => {
  const runs = [run(0, 10), run(1, 10, 9), run(10, 20, 4)];
  expect(measureHops(runs).hopMsP50).toBe(4);
});

test('a step that still runs is under way for all that start after it', () => {
  const runs = [run(0, undefined), run(1, undefined), run(50, 60, 7)];
  expect(measureHops(runs)).toEqual({ stepsCompleted: 1, hopMsP50: null, hopMsP99: null });
});

test('clocks of two processes that differ by a hair give no negative hop', () => {
  expect(measureHops([run(10, 20, -0.4)]).hopMsP50).toBe(0);
});
