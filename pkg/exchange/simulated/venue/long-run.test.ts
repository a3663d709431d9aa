import { expect, test } from 'vitest';
import { Decimal, required } from '#pkg/base';
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

test('thousands of accounts trade in 600 symbols at once, and every book is explained', () => {
  const keys = Array.from({ length: 3_000 }, (_, index) => `account-${index}`);
  const balances = Object.fromEntries(keys.map((key) => [key, '1000']));
  const market = new Market(balances, 'lively', 600);
  const { listed } = market.venue.market;
  keys.forEach((key, index) => {
    const { symbol, stepSize, notionalMin } = required(listed[index % listed.length], 'listed');
    const { mark } = market.venue.quote(symbol, market.nowMs);
    const steps = new Decimal(notionalMin).times(1.5).div(mark).div(stepSize).ceil();
    const quantity = steps.times(stepSize).toFixed();
    const side = index % 2 === 0 ? 'BUY' : 'SELL';
    market.call(key, 'POST /fapi/v1/order', { symbol, side, type: 'MARKET', quantity });
  });
  for (let tick = 0; tick < 4; tick += 1) market.tick();
  expect([...market.venue.state.rows('positions')]).toHaveLength(3_000);
  expect(market.faults).toEqual([]);
});
