import { expect, test } from 'vitest';
import { Market, START_MS, SYMBOL } from './venue-testing.ts';

const DAY_MS = 86_400_000;
const DAYS = 45;

test('weeks of regimes pass in a moment: funding at each of its instants, and books that hold', () => {
  const market = new Market({ a: '10000', b: '3000', c: '500' }, 'regimes');
  market.market('a', 'BUY', '2');
  market.market('b', 'SELL', '2');
  market.market('c', 'BUY', '60');
  for (let atMs = 0; atMs < DAYS * DAY_MS; atMs += 600_000) market.tick(600_000);
  const paid = [...market.venue.state.incomesOf('a')].filter(({ kind }) => kind === 'FUNDING_FEE');
  expect(paid).toHaveLength(DAYS * 3);
  expect(new Set(paid.map(({ amount }) => Number(amount) > 0)).size).toBe(2);
  expect(market.nowMs).toBe(START_MS + DAYS * DAY_MS);
  // 20 times leveraged to the brim, nobody lives through that.
  expect([...market.venue.state.positionsOf('c')]).toEqual([]);
  expect(market.call('c', 'GET /fapi/v1/allOrders', { symbol: SYMBOL, orderId: '1' })).toHaveLength(
    2,
  );
  expect(market.faults).toEqual([]);
});
