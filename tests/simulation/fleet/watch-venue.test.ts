import { expect, test } from 'vitest';

import { createKnownLoss, UNKNOWN_MS_MAX } from './known-loss.ts';
import { createReach } from './reach.ts';
import { createVenueWatch } from './watch-venue.ts';

const STOP = { account: 'key-a', symbol: 'BTCUSDT', side: 'LONG', clientId: 'k-1-s0' };
const POSITION = {
  account: 'key-a',
  symbol: 'BTCUSDT',
  side: 'LONG',
  amount: '1',
  unprotectedSinceMs: 1_000,
};

function watchFrom(sinceMs: number) {
  const [reach, losses] = [createReach(), createKnownLoss()];
  const watch = createVenueWatch({ reach, losses, isOurs: (id) => id.startsWith('k-') });
  watch.take([['positions', 'p', { ...POSITION, unprotectedSinceMs: sinceMs }]], sinceMs);
  return { reach, losses, watch };
}

test('exposure without a stop is told after five seconds, once', () => {
  const { watch } = watchFrom(1_000);
  watch.look(6_000);
  expect(watch.problems).toEqual([]);
  watch.look(6_001);
  watch.look(9_000);
  expect(watch.problems).toEqual([expect.stringContaining('no stop for 5001 ms')]);
});

test('a stop that a person canceled counts from when a stored frame or a read list tells of it', () => {
  for (const tell of ['hear', 'read'] as const) {
    const { watch, losses } = watchFrom(1_000);
    losses.note(STOP, 1_000);
    losses.hear('key-a', '{"X":"CANCELED","caid":"k-2-s0"}', 2_000);
    losses.read('key-a', '[{"clientAlgoId":"k-1-s0"}]', 3_000);
    watch.look(60_000);
    expect(watch.problems).toEqual([]);
    if (tell === 'hear') losses.hear('key-a', '{"X":"CANCELED","caid":"k-1-s0"}', 70_000);
    else losses.read('key-a', '[]', 70_000);
    watch.look(75_000);
    expect(watch.problems).toEqual([]);
    watch.look(75_001);
    expect(watch.problems).toEqual([expect.stringContaining('no stop for 5001 ms')]);
  }
});

test('a lost stop that nobody learns of in time is told', () => {
  const { watch, losses } = watchFrom(1_000);
  losses.note(STOP, 1_000);
  watch.look(1_000 + UNKNOWN_MS_MAX);
  expect(watch.problems).toEqual([]);
  watch.look(1_001 + UNKNOWN_MS_MAX);
  expect(watch.problems).toEqual([expect.stringContaining('nobody learned')]);
});

test('time without a worker does not count, and time without a dispatcher only where something must begin anew', () => {
  const { watch, reach } = watchFrom(1_000);
  reach.noteLiving('workers', false, 2_000);
  watch.look(60_000);
  expect(watch.problems).toEqual([]);
  reach.noteLiving('workers', true, 60_000);
  reach.noteLiving('dispatcher', false, 60_000);
  watch.look(64_001);
  expect(watch.problems).toHaveLength(1);
});

test('an id of ours that becomes two orders is told', () => {
  const { watch } = watchFrom(1_000);
  const order = { account: 'key-a', clientOrderId: 'k-1-e0', orderId: 1 };
  watch.take([['orders', '1', order]], 2_000);
  watch.take([['orders', '2', { ...order, orderId: 2 }]], 3_000);
  expect(watch.problems).toEqual([expect.stringContaining('doubled order')]);
});
