import { expect, test } from 'vitest';

import { createManualClock } from '#pkg/base';
import { createSilentLogger } from '#pkg/observability';

import { createVenueClock } from './venue-clock.ts';

/** A venue `aheadMs` ahead of this host, whose time takes `outMs` to ask for and `backMs` to come. */
function startVenueClock(aheadMs: number, trip = { outMs: 20, backMs: 20 }) {
  const clock = createManualClock();
  const state = { aheadMs, trip, asked: 0 };
  const venueClock = createVenueClock({
    clock,
    logger: createSilentLogger(),
    askTime: async () => {
      state.asked += 1;
      clock.advance(state.trip.outMs);
      const venueMs = clock.nowMs() + state.aheadMs;
      clock.advance(state.trip.backMs);
      return venueMs;
    },
  });
  return { clock, venueClock, state };
}

test('before the first measurement the host is all there is', () => {
  const { clock, venueClock, state } = startVenueClock(5_000);
  expect(venueClock.nowMs()).toBe(clock.nowMs());
  expect(state.asked).toBe(0);
});

test('an even trip is measured exactly, an uneven one within half of it', async () => {
  const even = startVenueClock(5_000);
  await even.venueClock.ensure();
  expect(even.venueClock.offsetMs()).toBe(5_000);
  const uneven = startVenueClock(-90_000, { outMs: 300, backMs: 0 });
  await uneven.venueClock.ensure();
  expect(Math.abs(uneven.venueClock.offsetMs() + 90_000)).toBeLessThanOrEqual(150);
});

test('a measurement is kept for a minute and refreshed behind the caller after it', async () => {
  const { clock, venueClock, state } = startVenueClock(0);
  await venueClock.ensure();
  const { asked } = state;
  clock.advance(59_000);
  await venueClock.ensure();
  expect(state.asked).toBe(asked);
  clock.advance(2_000);
  state.aheadMs = 700;
  await venueClock.ensure();
  await Promise.resolve();
  expect(state.asked).toBeGreaterThan(asked);
});

test('a measurement that may be off by more than the bound is not believed', async () => {
  const { venueClock, state } = startVenueClock(0);
  await venueClock.ensure();
  state.trip = { outMs: 1_600, backMs: 0 };
  venueClock.distrust();
  await venueClock.ensure();
  expect(venueClock.offsetMs()).toBe(0);
});

test('a host that never measured closely enough does not sign at all', async () => {
  const { venueClock } = startVenueClock(0, { outMs: 1_600, backMs: 0 });
  await expect(venueClock.ensure()).rejects.toMatchObject({ code: 'EXCHANGE_UNREACHABLE' });
});

test('a host that is busy for a moment keeps the better estimate that it has', async () => {
  const { clock, venueClock, state } = startVenueClock(5_000, { outMs: 4, backMs: 4 });
  await venueClock.ensure();
  clock.advance(61_000);
  state.trip = { outMs: 700, backMs: 0 };
  await venueClock.ensure();
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  expect(venueClock.offsetMs()).toBe(5_000);
  expect(venueClock.errorMs()).toBeGreaterThan(4);
  expect(venueClock.errorMs()).toBeLessThan(20);
});

test('every measurement tells how far off this host is, and a host that is far off is logged once', async () => {
  const clock = createManualClock();
  const offsets: number[] = [];
  const warnings: string[] = [];
  const venueClock = createVenueClock(
    {
      clock,
      logger: { ...createSilentLogger(), warn: (_fields, message) => warnings.push(message) },
      onMeasured: (offsetMs) => offsets.push(offsetMs),
      askTime: async () => clock.nowMs() + 90_000,
    },
    { trustedForMs: 0, refreshAfterMs: 0 },
  );
  for (let count = 0; count < 3; count += 1) {
    clock.advance(10);
    await venueClock.ensure();
  }
  expect(offsets).toEqual([90_000, 90_000, 90_000]);
  expect(warnings).toEqual(['this host is off venue time']);
});
