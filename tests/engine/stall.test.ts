import { expect, test } from 'vitest';

import { stallFleet } from '../soak/stall/stall-fleet.ts';

const SECONDS = Number(process.env['KRAITE_STALL_SECONDS'] ?? 15);

test(`in ${SECONDS} s on busy cores and with busy collectors no step is taken from a worker that lives`, async () => {
  const report = await stallFleet({ durationMs: SECONDS * 1_000 });
  expect(report).toMatchObject({ problems: [], runsAgain: 0 });
  expect(report.workflows).toBeGreaterThan(0);
}, 600_000);
