import { describe, expect, test } from 'vitest';
import { required } from '#pkg/base';
import type { Parameters } from './parameters.ts';
import { delistSymbol } from './settlement.ts';
import { VenueState } from './state.ts';
import { createVenue, ENDPOINTS } from './venue.ts';
import { Market, START_MS, SYMBOL, type Body } from './venue-testing.ts';

describe('the book', () => {
  test('a large market order pays for its size, level by level', () => {
    const market = new Market({ a: '10000000' });
    const { ask } = market.quote;
    market.call('a', 'POST /fapi/v1/leverage', { symbol: SYMBOL, leverage: '5' });
    expect(market.market('a', 'BUY', '10000')).toMatchObject({ status: 'FILLED' });
    const prices = [...market.venue.state.tradesOf('a')].map(({ price }) => Number(price));
    expect(prices[0]).toBe(ask.toNumber());
    expect(prices.length).toBeGreaterThan(3);
    expect(prices).toEqual(prices.toSorted((one, other) => one - other));
  });

  test('a thin book fills in part: IOC ends, FOK is refused whole, GTC rests', () => {
    const market = new Market();
    market.venue.depth.setScale(SYMBOL, 0.001);
    const { ask } = market.quote;
    expect(market.limit('a', 'BUY', '50', ask, { timeInForce: 'FOK' })).toEqual({ code: -5021 });
    const ioc = market.limit('a', 'BUY', '50', ask, { timeInForce: 'IOC' });
    expect(ioc['status']).toBe('EXPIRED');
    expect(Number(ioc['executedQty'])).toBeGreaterThan(0);
    expect(Number(ioc['executedQty'])).toBeLessThan(50);
    market.tick(1_000);
    const { ask: later } = market.quote;
    expect(market.limit('a', 'BUY', '50', later)).toMatchObject({ status: 'PARTIALLY_FILLED' });
  });

  test('at one price the earlier order trades first, and an amendment loses the place', () => {
    for (const isAmended of [false, true]) {
      const market = new Market({ a: '10000', b: '10000', c: '10000' });
      market.venue.depth.setScale(SYMBOL, 0);
      const price = market.quote.mark;
      market.limit('a', 'BUY', '1', isAmended ? price.times(0.99) : price, {
        newClientOrderId: 'first',
      });
      market.limit('b', 'BUY', '1', price, { newClientOrderId: 'second' });
      if (isAmended) {
        const change = { symbol: SYMBOL, side: 'BUY', origClientOrderId: 'first', quantity: '1' };
        const amended = { ...change, price: price.toFixed(2) };
        expect(market.call('a', 'PUT /fapi/v1/order', amended)).toMatchObject({ status: 'NEW' });
      }
      market.limit('c', 'SELL', '1', price);
      const holders = ['a', 'b'].filter((key) => [...market.venue.state.tradesOf(key)].length > 0);
      expect(holders).toEqual([isAmended ? 'b' : 'a']);
      expect(market.faults).toEqual([]);
    }
  });

  test.each([
    ['EXPIRE_MAKER', 'EXPIRED_IN_MATCH', 'NEW'],
    ['EXPIRE_TAKER', 'NEW', 'EXPIRED_IN_MATCH'],
    ['EXPIRE_BOTH', 'EXPIRED_IN_MATCH', 'EXPIRED_IN_MATCH'],
  ])('a trade with oneself is prevented: %s', (mode, maker, taker) => {
    const market = new Market();
    market.venue.depth.setScale(SYMBOL, 0);
    const price = market.quote.mark;
    market.limit('a', 'BUY', '1', price, { newClientOrderId: 'maker' });
    const arriving = { newClientOrderId: 'taker', selfTradePreventionMode: mode };
    market.limit('a', 'SELL', '1', price, arriving);
    const statusOf = (origClientOrderId: string): unknown =>
      market.call('a', 'GET /fapi/v1/order', { symbol: SYMBOL, origClientOrderId })['status'];
    expect([statusOf('maker'), statusOf('taker')]).toEqual([maker, taker]);
    expect([...market.venue.state.rows('trades')]).toEqual([]);
  });

  test('a GTD order ends at its date, which must be ten minutes ahead', () => {
    const market = new Market();
    const low = market.quote.mark.times(0.5);
    const until = (ms: number): Parameters => ({
      timeInForce: 'GTD',
      goodTillDate: String(market.nowMs + ms),
    });
    expect(market.limit('a', 'BUY', '1', low, until(600_000))).toEqual({ code: -5040 });
    expect(market.limit('a', 'BUY', '1', low, until(602_000))).toMatchObject({ status: 'NEW' });
    market.tick(603_000);
    expect(market.call('a', 'GET /fapi/v1/openOrders')).toEqual([]);
  });

  test('a countdown that is not wound up again cancels the orders', () => {
    const market = new Market();
    market.limit('a', 'BUY', '1', market.quote.mark.times(0.5));
    const wind = { symbol: SYMBOL, countdownTime: '5000' };
    expect(market.call('a', 'POST /fapi/v1/countdownCancelAll', wind)).toEqual({
      symbol: SYMBOL,
      countdownTime: '5000',
    });
    market.tick(4_900);
    expect(market.call('a', 'GET /fapi/v1/openOrders')).toHaveLength(1);
    market.tick(200);
    expect(market.call('a', 'GET /fapi/v1/openOrders')).toEqual([]);
  });
});

test('what ends by itself says why', () => {
  const reasons = (market: Market): readonly unknown[] =>
    market.frames
      .filter(({ e }) => e === 'ORDER_TRADE_UPDATE')
      .map(({ o }) => (o as Body)['er'])
      .filter((reason) => reason !== '0');
  const thin = new Market();
  thin.venue.depth.setScale(SYMBOL, 0.001);
  thin.limit('a', 'BUY', '50', thin.quote.ask, { timeInForce: 'IOC' });
  expect(reasons(thin)).toEqual(['2']);
  const crossed = new Market();
  crossed.venue.depth.setScale(SYMBOL, 0);
  crossed.limit('a', 'BUY', '1', crossed.quote.mark);
  crossed.limit('a', 'SELL', '1', crossed.quote.mark);
  expect(reasons(crossed)).toEqual(['1']);
  const closed = new Market();
  closed.market('a', 'BUY', '1');
  closed.limit('a', 'SELL', '1', closed.quote.mark.times(1.1), { reduceOnly: 'true' });
  closed.market('a', 'SELL', '1');
  expect(reasons(closed)).toEqual(['4']);
  const gone = new Market({ a: '1000' });
  gone.market('a', 'BUY', '100');
  gone.limit('a', 'BUY', '1', gone.quote.mark.times(0.5));
  gone.gap(0.9);
  expect(reasons(gone)[0]).toBe('5');
  const delisted = new Market();
  delisted.limit('a', 'BUY', '1', delisted.quote.mark.times(0.5));
  delistSymbol(delisted.venue.worldAt(delisted.nowMs), SYMBOL);
  delisted.tick();
  expect(reasons(delisted)).toEqual(['7']);
});

test('a delisted symbol settles what is held and takes nothing new', () => {
  const market = new Market();
  market.market('a', 'BUY', '1');
  market.limit('a', 'BUY', '1', market.quote.mark.times(0.5));
  delistSymbol(market.venue.worldAt(market.nowMs), SYMBOL);
  expect([...market.venue.state.positionsOf('a')]).toEqual([]);
  expect(market.call('a', 'GET /fapi/v1/openOrders')).toEqual([]);
  expect(market.market('a', 'BUY', '1')).toEqual({ code: -4141 });
  expect(market.faults).toEqual([]);
});

test('600 symbols are listed, each with a book whose sides do not cross and a settled funding rate', () => {
  const options = { seed: 'kraite', accounts: [], resumeMarketMs: 0, symbolCount: 600 };
  const venue = createVenue(new VenueState(), options, START_MS);
  const ask = (path: string, parameters: Parameters): Body => {
    const found = required(
      ENDPOINTS.find((each) => each.path === path),
      `${path} exists.`,
    );
    return venue.call(found, parameters, undefined, START_MS) as Body;
  };
  expect(new Set(venue.symbols).size).toBe(600);
  for (const symbol of venue.symbols.filter((_, index) => index % 40 === 0)) {
    const book = ask('/fapi/v1/depth', { symbol, limit: '5' }) as Record<string, string[][]>;
    expect(book['bids']).toHaveLength(5);
    expect(Number(book['bids']?.[0]?.[0])).toBeLessThan(Number(book['asks']?.[0]?.[0]));
    expect(ask('/fapi/v1/fundingRate', { symbol, limit: '3' })).toHaveLength(3);
    expect(ask('/fapi/v1/ticker/24hr', { symbol })).toMatchObject({ symbol });
    const range = { interval: '1h', limit: '3' };
    expect(ask('/fapi/v1/indexPriceKlines', { pair: symbol, ...range })).toHaveLength(3);
  }
});

test('a batch answers each order in its place', () => {
  const market = new Market();
  const one = { symbol: SYMBOL, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '1' };
  const price = market.quote.mark.times(0.9).toFixed(2);
  const batchOrders = JSON.stringify([
    { ...one, price },
    { ...one, symbol: 'NOPEUSDT', price },
  ]);
  const answers = market.call('a', 'POST /fapi/v1/batchOrders', { batchOrders });
  expect(answers).toMatchObject([{ status: 'NEW' }, { code: -1121 }]);
});
