import { expect, test } from 'vitest';

import { ENDPOINTS, requestWeight } from './endpoints.ts';
import { readUsages } from './usage-headers.ts';

test('placing and amending cost no weight and count as one order; cancelling costs weight and counts as none', () => {
  for (const each of [ENDPOINTS.placeOrder, ENDPOINTS.modifyOrder, ENDPOINTS.placeAlgoOrder]) {
    expect([requestWeight(each, {}), each.orderCount]).toEqual([0, 1]);
  }
  for (const each of [ENDPOINTS.cancelOrder, ENDPOINTS.cancelAlgoOrder]) {
    expect([requestWeight(each, {}), each.orderCount]).toEqual([1, 0]);
  }
});

test('lists of orders cost 1 for a symbol and 40 for all', () => {
  for (const each of [ENDPOINTS.openOrders, ENDPOINTS.openAlgoOrders]) {
    expect(requestWeight(each, { symbol: 'BTCUSDT' })).toBe(1);
    expect(requestWeight(each, { symbol: undefined })).toBe(40);
  }
});

test.for([
  [99, 1],
  [100, 2],
  [499, 2],
  [500, 5],
  [1_000, 5],
  [1_001, 10],
  [1_500, 10],
])('%i candles cost %i', ([limit, weight]) => {
  expect(requestWeight(ENDPOINTS.klines, { limit })).toBe(weight);
});

test('no endpoint is free but those that count as orders', () => {
  for (const each of Object.values(ENDPOINTS)) {
    if (each.orderCount === 0) expect(requestWeight(each, {}), each.path).toBeGreaterThan(0);
  }
});

test('headers tell what is used, by window', () => {
  expect(
    readUsages({
      'x-mbx-used-weight-1m': '37',
      'x-mbx-order-count-10s': '3',
      'x-mbx-order-count-1m': '9',
      'x-mbx-used-weight': '37',
      'x-mbx-order-count-5x': '1',
      'content-type': 'application/json',
    }),
  ).toEqual({
    address: [{ windowMs: 60_000, weightUsed: 37 }],
    orders: [
      { windowMs: 10_000, weightUsed: 3 },
      { windowMs: 60_000, weightUsed: 9 },
    ],
  });
  expect(readUsages({ 'x-mbx-used-weight-1m': 'many' })).toEqual({ address: [], orders: [] });
});
