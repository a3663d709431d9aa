import { expect, test } from 'vitest';

import type { LossForecast } from '#pkg/fleet-spec';
import { createStage } from '../../../tests/harness/cli-stage.ts';
import { runKraite } from '../run.ts';

test('a program reads capacity and outcome of each lane', async () => {
  const { context, written } = createStage();
  const typed = ['simulate', '--lose', 'hemera, athena', '-o', 'json'];
  expect(await runKraite(typed, context)).toBe(0);
  const { lost, lanes } = JSON.parse(written.stdout) as LossForecast;
  expect(lost).toEqual(['athena', 'hemera']);
  expect(lanes.find(({ lane }) => lane === 'orders')).toEqual({
    lane: 'orders',
    slots: 32,
    slotsLeft: 24,
    capacityRatio: 0.75,
    outcome: 'finishes-admitted',
    reason: 'DispatcherAway',
  });
});

test('a person reads the same as a table', async () => {
  const { context, written } = createStage();
  expect(await runKraite(['simulate', '--lose', 'tyche'], context)).toBe(0);
  expect(written.stdout).toMatch(/^indicators +0\/10 +0 % +waits +LaneUnserved$/m);
  expect(written.stdout).toMatch(/^protection +goes on +stops, rungs and profit orders stand/m);
});

test('a box that the object does not have is wrong use, with the nearest name', async () => {
  const { context, written } = createStage();
  expect(await runKraite(['simulate', '--lose', 'hemra'], context)).toBe(2);
  expect(written.stderr).toContain('--lose: no box is called hemra (did you mean hemera?)');
});
