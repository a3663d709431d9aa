import { expect, test } from 'vitest';

import { simulateFleet } from './simulate-fleet.ts';

const SEEDS = Number(process.env['KRAITE_FLEET_SEEDS'] ?? 2);
const FIRST_SEED = Number(process.env['KRAITE_FLEET_FIRST_SEED'] ?? 1);
const MARK_STEP_MS = 10_000;

test(`under ${SEEDS} seeds a day of twelve slots keeps every promise about money, and books what the venue paid (incident 50)`, async () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
    const report = await simulateFleet({
      seed,
      days: 1,
      markStepMs: MARK_STEP_MS,
      market: 'regimes',
    });
    expect({ seed, problems: report.problems }).toEqual({ seed, problems: [] });
    expect(report.opened).toBeGreaterThan(12);
    expect(report.closed).toBeGreaterThan(0);
  }
}, 120_000);

test('five lively minutes fill rungs and average positions, and the same seed does the same again', async () => {
  const live = () => simulateFleet({ seed: 7, days: 1 / 288, markStepMs: 1_000, market: 'lively' });
  const one = await live();
  expect(one.problems).toEqual([]);
  expect(one.rungsFilled).toBeGreaterThan(0);
  expect((await live()).trace).toBe(one.trace);
}, 60_000);
