import { expect, test } from 'vitest';

import { simulate } from './world.ts';

const SEEDS = Number(process.env['KRAITE_SIMULATION_SEEDS'] ?? 1_000);
const FIRST_SEED = Number(process.env['KRAITE_SIMULATION_FIRST_SEED'] ?? 1);

test(`under ${SEEDS} seeds every step ends as foretold, and whoever owns a step owns its row`, async () => {
  let deaths = 0;
  let effects = 0;
  let grouped = 0;
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
    const report = await simulate(seed);
    deaths += report.deaths;
    effects += report.steps;
    grouped += report.grouped;
  }
  expect(deaths).toBeGreaterThan(SEEDS / 2);
  expect(effects).toBeGreaterThan(SEEDS);
  expect(grouped).toBeGreaterThan(SEEDS);
}, 300_000);

test('the same seed does the same again', async () => {
  expect(await simulate(7)).toEqual(await simulate(7));
});
