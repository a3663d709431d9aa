import { expect, test } from 'vitest';

import { quantity } from '#pkg/domain';
import { findDrift, isQuiet, QUIET_MS } from './find-drift.ts';

const position = {
  id: 'p1',
  symbol: 'BTCUSDT',
  direction: 'long',
  status: 'active',
  quantity: quantity(10),
  updatedAtMs: 0,
} as never;
const order = (clientOrderId: string, changes: object = {}) =>
  ({ clientOrderId, purpose: clientOrderId, status: 'new', updatedAtMs: 0, ...changes }) as never;
const orders = [order('stop'), order('profit')];
const standing = (...ids: readonly string[]) =>
  ids.map((clientOrderId) => ({ clientOrderId }) as never);
const held = (amount: string, changes: object = {}) =>
  [{ symbol: 'BTCUSDT', direction: 'long', quantity: quantity(amount), ...changes }] as never;

const kinds = (...args: Parameters<typeof findDrift>) => findDrift(...args).map(({ kind }) => kind);

test('rows and venue that agree, to 0.1 %, have not drifted', () => {
  for (const amount of ['10', '10.01', '9.99']) {
    expect(
      kinds(position, orders, { positions: held(amount), orders: standing('stop', 'profit') }),
    ).toEqual([]);
  }
  const venue = { positions: held('10.0101'), orders: standing('stop', 'profit') };
  expect(kinds(position, orders, venue)).toEqual(['quantity']);
});

test("a user's own position and orders are nobody's drift", () => {
  const venue = {
    positions: [
      ...held('10'),
      ...held('5', { symbol: 'ETHUSDT' }),
      ...held('5', { direction: 'short' }),
    ],
    orders: standing('stop', 'profit', 'theirs'),
  };
  expect(kinds(position, orders, venue)).toEqual([]);
});

test('orders on one side only, and a missing stop, are told apart', () => {
  const positions = held('10');
  expect(kinds(position, orders, { positions, orders: standing('stop') })).toEqual([
    'orders',
    'structure',
  ]);
  const rung = order('rung', { status: 'canceled' });
  const orphaned = { positions, orders: standing('stop', 'profit', 'rung') };
  expect(kinds(position, [...orders, rung], orphaned)).toEqual(['orders']);
});

test('a position that is flat at the venue misses no structure (incident 21)', () => {
  expect(kinds(position, orders, { positions: [], orders: [] })).toEqual(['quantity', 'orders']);
});

test('a position is quiet ten minutes after the last change of it or its orders', () => {
  expect(isQuiet(position, orders, QUIET_MS)).toBe(true);
  expect(isQuiet(position, orders, QUIET_MS - 1)).toBe(false);
  expect(isQuiet(position, [order('stop', { updatedAtMs: 1 })], QUIET_MS)).toBe(false);
});
