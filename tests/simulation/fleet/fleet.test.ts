import { expect, test } from 'vitest';

import { simulateFleet } from './simulate-fleet.ts';

const SEEDS = Number(process.env['KRAITE_FLEET_SEEDS'] ?? 2);
const FIRST_SEED = Number(process.env['KRAITE_FLEET_FIRST_SEED'] ?? 1);
const MARK_STEP_MS = 10_000;
const STORMS_A_DAY = 120;

test(`under ${SEEDS} seeds two hours of storms break no promise about money, and what is booked is what the venue paid (incident 50)`, async () => {
  const sums = { opened: 0, closed: 0, storms: 0 };
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
    const report = await simulateFleet({
      seed,
      days: 1 / 12,
      markStepMs: MARK_STEP_MS,
      market: 'regimes',
      stormsADay: STORMS_A_DAY,
    });
    expect({ seed, problems: report.problems }).toEqual({ seed, problems: [] });
    sums.opened += report.opened;
    sums.closed += report.closed;
    sums.storms += report.storms.length;
  }
  expect(sums.opened).toBeGreaterThan(5 * SEEDS);
  expect(sums.closed).toBeGreaterThan(0);
  expect(sums.storms).toBeGreaterThan(SEEDS);
}, 240_000);

test('two and a half lively minutes fill rungs and average positions, and the same seed does the same again', async () => {
  const live = () =>
    simulateFleet({ seed: 7, days: 1 / 576, markStepMs: 2_000, market: 'lively', stormsADay: 0 });
  const one = await live();
  expect(one.problems).toEqual([]);
  expect(one.rungsFilled).toBeGreaterThan(0);
  expect((await live()).trace).toBe(one.trace);
}, 240_000);
