import { expect, test } from 'vitest';

import { stallFleet } from '../soak/stall/stall-fleet.ts';

const SECONDS = Number(process.env['KRAITE_STALL_SECONDS'] ?? 10);

// That nobody is taken for dead is for `kraite soak stall`: here the cores belong to other tests, too.
test(`in ${SECONDS} s on busy cores and with busy collectors each effect happens, and no step runs again after its end`, async () => {
  const report = await stallFleet({ durationMs: SECONDS * 1_000, niceness: 19 });
  expect(report.problems).toEqual([]);
  expect(report.workflows).toBeGreaterThan(0);
}, 600_000);
