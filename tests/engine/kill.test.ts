import { expect, test } from 'vitest';

import { killFleet } from '../soak/kill/kill-fleet.ts';

const KILLS = Number(process.env['KRAITE_KILLS'] ?? 200);
const SEED = Number(process.env['KRAITE_KILL_SEED'] ?? 1);

test(`through ${KILLS} kills of workers, dispatcher, Redis and MariaDB no step is lost and none runs again after its end`, async () => {
  const report = await killFleet({ kills: KILLS, seed: SEED });
  expect(report.problems).toEqual([]);
  expect(report.workflows).toBeGreaterThan(KILLS);
}, 900_000);
