/**
 * What once went wrong with a real venue, met again on the simulated one: each behaviour that the fleet was
 * surprised by is played as the venue does it. The other half, how the fleet takes it, is tested elsewhere.
 */
import { expect, test } from 'vitest';
import { Market, SYMBOL, type Body } from './venue-testing.ts';

const rows = (body: unknown): readonly Body[] => body as readonly Body[];
const STOP = { algoType: 'CONDITIONAL', symbol: SYMBOL, side: 'SELL', type: 'STOP_MARKET' };

function orderFrames(market: Market): readonly Body[] {
  return market.frames.filter(({ e }) => e === 'ORDER_TRADE_UPDATE').map(({ o }) => o as Body);
}

function hedged(): Market {
  const market = new Market();
  market.call('a', 'POST /fapi/v1/positionSide/dual', { dualSidePosition: 'true' });
  return market;
}

const long = (market: Market, quantity: string): Body =>
  market.call('a', 'POST /fapi/v1/order', {
    symbol: SYMBOL,
    side: 'BUY',
    positionSide: 'LONG',
    type: 'MARKET',
    quantity,
  });

test('a stop for a position that the profit order has closed already is refused with -4509', () => {
  const market = hedged();
  long(market, '1');
  const profit = { positionSide: 'LONG' };
  market.limit('a', 'SELL', '1', market.quote.bid, profit);
  expect([...market.venue.state.positionsOf('a')]).toEqual([]);
  const triggerPrice = market.quote.mark.times(0.8).toFixed(2);
  const stop = { ...STOP, positionSide: 'LONG', closePosition: 'true', triggerPrice };
  expect(market.call('a', 'POST /fapi/v1/algoOrder', stop)).toEqual({ code: -4509 });
});

test('a rung under the least notional is refused with -4164, what only reduces is not', () => {
  const market = new Market();
  market.market('a', 'BUY', '1');
  const low = market.quote.mark.times(0.9);
  expect(market.limit('a', 'BUY', '0.03', low)).toEqual({ code: -4164 });
  const high = market.quote.mark.times(1.05);
  expect(market.limit('a', 'SELL', '0.03', high, { reduceOnly: 'true' })).toMatchObject({
    status: 'NEW',
  });
});

test('a frame of a partial fill keeps the quantity of the order beside what was filled', () => {
  const market = new Market();
  market.venue.depth.setScale(SYMBOL, 0);
  const price = market.quote.mark;
  market.limit('a', 'BUY', '3', price, { newClientOrderId: 'rung' });
  market.limit('b', 'SELL', '1', price);
  const frame = orderFrames(market).findLast(({ c, x }) => c === 'rung' && x === 'TRADE');
  expect(frame).toMatchObject({ q: '3', l: '1', z: '1', X: 'PARTIALLY_FILLED' });
});

test('the answer to an order has no average price; the frame and the order have it', () => {
  const market = new Market();
  const entry = market.market('a', 'BUY', '1');
  expect(entry).not.toHaveProperty('avgPrice');
  const filled = orderFrames(market).find(({ x }) => x === 'TRADE');
  const order = market.call('a', 'GET /fapi/v1/order', {
    symbol: SYMBOL,
    orderId: String(entry['orderId']),
  });
  expect(Number(order['avgPrice'])).toBeGreaterThan(0);
  expect(Number(filled?.['ap'])).toBe(Number(order['avgPrice']));
});

test('one-way accounts speak of BOTH and hedged ones of their side, in answers and in frames', () => {
  const oneWay = new Market();
  oneWay.market('a', 'BUY', '1');
  const hedge = hedged();
  long(hedge, '1');
  for (const [market, side] of [[oneWay, 'BOTH'] as const, [hedge, 'LONG'] as const]) {
    const [position] = rows(market.call('a', 'GET /fapi/v3/positionRisk'));
    expect(position).toMatchObject({ positionSide: side });
    const update = market.frames.findLast(({ e }) => e === 'ACCOUNT_UPDATE');
    expect(update).toMatchObject({ a: { P: [{ ps: side }] } });
  }
  expect(hedge.market('a', 'BUY', '1')).toEqual({ code: -4061 });
  expect(
    oneWay.call('a', 'POST /fapi/v1/order', {
      symbol: SYMBOL,
      side: 'BUY',
      positionSide: 'LONG',
      type: 'MARKET',
      quantity: '1',
    }),
  ).toEqual({ code: -4061 });
});

test('cancelling a symbol takes the orders of both sides, and leaves the conditional ones', () => {
  const market = hedged();
  long(market, '1');
  const low = market.quote.mark.times(0.9);
  market.limit('a', 'BUY', '1', low, { positionSide: 'LONG' });
  market.limit('a', 'SELL', '1', market.quote.mark.times(1.1), { positionSide: 'SHORT' });
  const stop = { ...STOP, positionSide: 'LONG', closePosition: 'true' };
  const triggerPrice = market.quote.mark.times(0.8).toFixed(2);
  market.call('a', 'POST /fapi/v1/algoOrder', { ...stop, triggerPrice });
  market.call('a', 'DELETE /fapi/v1/allOpenOrders', { symbol: SYMBOL });
  expect(market.call('a', 'GET /fapi/v1/openOrders')).toEqual([]);
  expect(market.call('a', 'GET /fapi/v1/openAlgoOrders')).toHaveLength(1);
});

test('-2022 means "already flat" and "more than is held" alike: only the position tells', () => {
  const market = hedged();
  const close = (quantity: string): Body =>
    market.call('a', 'POST /fapi/v1/order', {
      symbol: SYMBOL,
      side: 'SELL',
      positionSide: 'LONG',
      type: 'MARKET',
      quantity,
    });
  expect(close('1')).toEqual({ code: -2022 });
  long(market, '1');
  expect(close('2')).toEqual({ code: -2022 });
  expect(close('1')).not.toHaveProperty('code');
});

test('a close that fills in part leaves the rest, in the position as in the frames', () => {
  const market = hedged();
  long(market, '3');
  market.venue.depth.setScale(SYMBOL, 0);
  const price = market.quote.mark;
  market.limit('a', 'SELL', '3', price, { positionSide: 'LONG' });
  market.limit('b', 'BUY', '1', price);
  expect([...market.venue.state.positionsOf('a')]).toMatchObject([{ amount: '2' }]);
  const update = market.sent.findLast(
    ({ account, payload }) => account === 'a' && payload['e'] === 'ACCOUNT_UPDATE',
  );
  expect(update?.payload).toMatchObject({ a: { P: [{ pa: '2', ps: 'LONG' }] } });
  expect(market.faults).toEqual([]);
});

test('an id may be used again when its order has ended: a second send of an entry is not stopped', () => {
  const market = new Market();
  const entry = { newClientOrderId: 'entry' };
  const order = { symbol: SYMBOL, side: 'BUY', type: 'MARKET', quantity: '1', ...entry };
  market.call('a', 'POST /fapi/v1/order', order);
  expect(market.call('a', 'POST /fapi/v1/order', order)).not.toHaveProperty('code');
  expect([...market.venue.state.positionsOf('a')]).toMatchObject([{ amount: '2' }]);
  const low = market.quote.mark.times(0.9);
  market.limit('a', 'BUY', '1', low, { newClientOrderId: 'rung' });
  expect(market.limit('a', 'BUY', '1', low, { newClientOrderId: 'rung' })).toEqual({ code: -4116 });
});

test('the limits stand in exchangeInfo, so that nobody has to copy them', () => {
  const info = new Market().call('a', 'GET /fapi/v1/exchangeInfo');
  expect(info['rateLimits']).toEqual([
    { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 2400 },
    { rateLimitType: 'ORDERS', interval: 'MINUTE', intervalNum: 1, limit: 1200 },
    { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 300 },
  ]);
});

test('the retired ways of conditional orders answer -4120', () => {
  const market = new Market();
  for (const type of ['STOP', 'STOP_MARKET', 'TAKE_PROFIT', 'TAKE_PROFIT_MARKET']) {
    const order = { symbol: SYMBOL, side: 'SELL', type, quantity: '1', stopPrice: '100' };
    expect(market.call('a', 'POST /fapi/v1/order', order)).toEqual({ code: -4120 });
    const batchOrders = JSON.stringify([order]);
    expect(market.call('a', 'POST /fapi/v1/batchOrders', { batchOrders })).toMatchObject([
      { code: -4120 },
    ]);
  }
});
