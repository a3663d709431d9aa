import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Decimal, required } from '#pkg/base';
import type { PriceMove } from '../market/moves.ts';
import type { Parameters } from './parameters.ts';
import { VenueRejection } from './rejection.ts';
import { delistSymbol } from './settlement.ts';
import { VenueState } from './state.ts';
import { createVenue, ENDPOINTS, type Venue } from './venue.ts';

/** A quarter of an hour before funding. */
const START_MS = Math.ceil(1_777_800_000_000 / 28_800_000) * 28_800_000 - 900_000;
const SYMBOL = 'SOLUSDT';
const ORDER = 'POST /fapi/v1/order';
type Body = Readonly<Record<string, unknown>>;

class Market {
  readonly venue: Venue;
  readonly frames: Body[] = [];
  nowMs = START_MS;

  constructor(balances: Readonly<Record<string, string>> = { a: '10000', b: '10000' }) {
    const accounts = Object.entries(balances).map(([key, balance]) => ({
      key,
      secret: 's',
      balance,
    }));
    const options = { seed: 'kraite', accounts, resumeMarketMs: 0 };
    this.venue = createVenue(new VenueState(), options, START_MS);
  }

  /** Calls an endpoint; a refusal comes back as its code. */
  call(key: string, name: string, parameters: Parameters = {}): Body {
    const endpoint = ENDPOINTS.find((each) => `${each.method} ${each.path}` === name);
    const account = this.venue.state.get('accounts', key);
    try {
      const found = required(endpoint, `${name} exists.`);
      return this.venue.call(found, parameters, account, this.nowMs) as Body;
    } catch (thrown) {
      if (thrown instanceof VenueRejection) return { code: thrown.venueCode };
      throw thrown;
    } finally {
      this.frames.push(...this.venue.takeFrames().map(({ payload }) => payload));
    }
  }

  market(key: string, side: string, quantity: string): Body {
    const order = { symbol: SYMBOL, side, type: 'MARKET', quantity, newOrderRespType: 'RESULT' };
    return this.call(key, ORDER, order);
  }

  limit(key: string, side: string, quantity: string, price: Decimal, more: Parameters = {}): Body {
    return this.call(key, ORDER, {
      symbol: SYMBOL,
      side,
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity,
      price: price.toFixed(2),
      newOrderRespType: 'RESULT',
      ...more,
    });
  }

  tick(afterMs = 250): void {
    this.nowMs += afterMs;
    this.venue.tick(this.nowMs);
    this.frames.push(...this.venue.takeFrames().map(({ payload }) => payload));
  }

  /** From now on the price stands at `ratio` of its path. */
  gap(ratio: number, on: PriceMove['on'] = 'all'): void {
    const meta = required(this.venue.state.get('meta', 'all'), 'The venue has begun.');
    const move = { ratio, on, symbol: SYMBOL, startMs: this.nowMs, rampMs: 0, holdMs: 0 };
    const moves = [...meta.moves, { ...move, recoverMs: undefined }];
    this.venue.state.put('meta', 'all', { ...meta, moves });
    this.tick();
  }

  get quote() {
    return this.venue.quote(SYMBOL, this.nowMs);
  }
}

const sum = (amounts: readonly string[]): Decimal =>
  amounts.reduce((total, amount) => total.plus(amount), new Decimal(0));

/** Every wallet is the sum of its incomes, every position and every fee the sum of its trades. */
function expectExplained({ venue }: Market): void {
  for (const { key, wallet } of venue.state.rows('accounts')) {
    const incomes = [...venue.state.incomesOf(key)];
    expect(sum(incomes.map(({ amount }) => amount)).toFixed(6)).toBe(
      new Decimal(wallet).toFixed(6),
    );
    const trades = [...venue.state.tradesOf(key)];
    const commissions = incomes.filter(({ kind }) => kind === 'COMMISSION');
    expect(sum(commissions.map(({ amount }) => amount)).toFixed(6)).toBe(
      sum(trades.map(({ fee }) => fee))
        .negated()
        .toFixed(6),
    );
    const held = sum(trades.map((each) => (each.side === 'BUY' ? '' : '-') + each.quantity));
    const amounts = [...venue.state.positionsOf(key)].map(({ amount }) => amount);
    expect(held.toFixed()).toBe(sum(amounts).toFixed());
  }
}

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
      expectExplained(market);
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

describe('margin', () => {
  test('a position beyond its bracket and a leverage too small for it are refused', () => {
    const market = new Market({ a: '100000' });
    market.call('a', 'POST /fapi/v1/leverage', { symbol: SYMBOL, leverage: '75' });
    expect(market.market('a', 'BUY', '500')).toEqual({ code: -2027 });
    market.call('a', 'POST /fapi/v1/leverage', { symbol: SYMBOL, leverage: '10' });
    expect(market.market('a', 'BUY', '5000')).toMatchObject({ status: 'FILLED' });
    const lower = { symbol: SYMBOL, leverage: '2' };
    expect(market.call('a', 'POST /fapi/v1/leverage', lower)).toEqual({ code: -2028 });
  });

  test('what is set apart for an isolated position is all that it can lose', () => {
    const market = new Market();
    const isolate = { symbol: SYMBOL, marginType: 'ISOLATED' };
    market.call('a', 'POST /fapi/v1/marginType', isolate);
    market.market('a', 'BUY', '100');
    const add = { symbol: SYMBOL, type: '1', amount: '50' };
    expect(market.call('a', 'POST /fapi/v1/positionMargin', add)).toMatchObject({ code: 200 });
    const take = { symbol: SYMBOL, type: '2', amount: '5000' };
    expect(market.call('a', 'POST /fapi/v1/positionMargin', take)).toEqual({ code: -4051 });
    const apart = required([...market.venue.state.positionsOf('a')][0], 'held').isolatedWallet;
    const before = Number(market.venue.state.get('accounts', 'a')?.wallet);
    market.gap(0.8);
    expect([...market.venue.state.positionsOf('a')]).toEqual([]);
    const after = Number(market.venue.state.get('accounts', 'a')?.wallet);
    expect(before - after).toBeLessThanOrEqual(Number(apart) + 0.000_001);
    expectExplained(market);
  });

  test('who has no margin left is liquidated, is told so, and never owes', () => {
    const market = new Market({ a: '1000' });
    market.market('a', 'BUY', '100');
    market.limit('a', 'BUY', '1', market.quote.mark.times(0.5));
    market.gap(0.9);
    expect([...market.venue.state.positionsOf('a')]).toEqual([]);
    expect(market.call('a', 'GET /fapi/v1/openOrders')).toEqual([]);
    const [forced] = market.call('a', 'GET /fapi/v1/forceOrders') as unknown as readonly Body[];
    expect(String(forced?.['clientOrderId'])).toMatch(/^autoclose-/);
    const names = market.frames.map((frame) => frame['e']);
    expect(names).toContain('MARGIN_CALL');
    const orders = market.frames.filter((frame) => frame['e'] === 'ORDER_TRADE_UPDATE');
    expect(orders.map(({ o }) => (o as Body)['x'])).toContain('CALCULATED');
    expect(Number(market.venue.state.get('accounts', 'a')?.wallet)).toBeGreaterThanOrEqual(0);
    expectExplained(market);
  });

  test('with an empty fund and an empty book the best-ranked opposite position is deleveraged', () => {
    const market = new Market({ a: '1000', b: '100000' });
    market.market('a', 'BUY', '100');
    market.market('b', 'SELL', '150');
    const meta = required(market.venue.state.get('meta', 'all'), 'begun');
    market.venue.state.put('meta', 'all', { ...meta, insuranceFund: '0' });
    market.venue.depth.setScale(SYMBOL, 0);
    market.gap(0.85);
    expect([...market.venue.state.positionsOf('a')]).toEqual([]);
    expect([...market.venue.state.positionsOf('b')]).toMatchObject([{ amount: '-50' }]);
    const asked = { autoCloseType: 'ADL' };
    const rows = market.call('b', 'GET /fapi/v1/forceOrders', asked) as unknown as readonly Body[];
    expect(String(rows[0]?.['clientOrderId'])).toMatch(/^adl_autoclose/);
    expectExplained(market);
  });

  test('funding is paid once at its instant, by one side to the other', () => {
    const market = new Market();
    market.market('a', 'BUY', '10');
    market.market('b', 'SELL', '10');
    market.tick(901_000);
    market.tick();
    const paid = ['a', 'b'].map((key) =>
      [...market.venue.state.incomesOf(key)].filter(({ kind }) => kind === 'FUNDING_FEE'),
    );
    expect(paid.map((rows) => rows.length)).toEqual([1, 1]);
    expect(sum(paid.flat().map(({ amount }) => amount)).toFixed(8)).toBe('0.00000000');
    const update = required(
      market.frames.find((frame) => (frame['a'] as Body | undefined)?.['m'] === 'FUNDING_FEE'),
      'funding is told',
    );
    expect((update['a'] as Body)['P']).toEqual([]);
    expectExplained(market);
  });
});

describe('conditional orders', () => {
  const algo = { algoType: 'CONDITIONAL', symbol: SYMBOL, side: 'SELL', clientAlgoId: 'algo' };
  const statusOf = (market: Market): Body =>
    market.call('a', 'GET /fapi/v1/algoOrder', { clientAlgoId: 'algo' });

  test('a trailing stop wakes, follows the price up and sells on the way back', () => {
    const market = new Market();
    market.market('a', 'BUY', '1');
    const trail = { ...algo, type: 'TRAILING_STOP_MARKET', quantity: '1', callbackRate: '10' };
    market.call('a', 'POST /fapi/v1/algoOrder', trail);
    market.tick();
    market.gap(1.5);
    market.tick();
    expect(statusOf(market)).toMatchObject({ algoStatus: 'NEW' });
    market.gap(0.8);
    expect(statusOf(market)).toMatchObject({ algoStatus: 'FINISHED' });
    expect([...market.venue.state.positionsOf('a')]).toEqual([]);
  });

  test('what cannot be placed when it triggers is rejected with the reason', () => {
    const market = new Market();
    const trigger = market.quote.mark.times(0.97).toFixed(2);
    const stop = { ...algo, type: 'STOP_MARKET', quantity: '2000', triggerPrice: trigger };
    expect(market.call('a', 'POST /fapi/v1/algoOrder', stop)).toMatchObject({ algoStatus: 'NEW' });
    market.gap(0.9);
    expect(statusOf(market)).toMatchObject({ algoStatus: 'REJECTED' });
    const last = market.frames.findLast((frame) => frame['e'] === 'ALGO_UPDATE');
    expect(last?.['o']).toMatchObject({ X: 'REJECTED', rm: 'Margin is insufficient.' });
  });

  test('a flash crash of the contract alone spares a stop that watches the mark price', () => {
    const market = new Market();
    market.market('a', 'BUY', '1');
    const triggerPrice = market.quote.mark.times(0.8).toFixed(2);
    const stop = { ...algo, type: 'STOP_MARKET', closePosition: 'true', triggerPrice };
    market.call('a', 'POST /fapi/v1/algoOrder', { ...stop, workingType: 'MARK_PRICE' });
    market.gap(0.7, 'last');
    expect(statusOf(market)).toMatchObject({ algoStatus: 'NEW' });
  });
});

test('a delisted symbol settles what is held and takes nothing new', () => {
  const market = new Market();
  market.market('a', 'BUY', '1');
  market.limit('a', 'BUY', '1', market.quote.mark.times(0.5));
  delistSymbol(market.venue.worldAt(market.nowMs), SYMBOL);
  expect([...market.venue.state.positionsOf('a')]).toEqual([]);
  expect(market.call('a', 'GET /fapi/v1/openOrders')).toEqual([]);
  expect(market.market('a', 'BUY', '1')).toEqual({ code: -4141 });
  expectExplained(market);
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

test('the ledger explains every wallet, position and fee, whatever two customers do and the price does', () => {
  const step = fc.record({
    key: fc.constantFrom('a', 'b'),
    side: fc.constantFrom('BUY', 'SELL'),
    quantity: fc.integer({ min: 1, max: 20_000 }).map((hundredths) => String(hundredths / 100)),
    offset: fc.constantFrom(undefined, 0.98, 1, 1.02),
    gap: fc.constantFrom(undefined, undefined, undefined, 0.8, 1.2),
    scale: fc.constantFrom(1, 1, 0.001, 0),
  });
  fc.assert(
    fc.property(fc.boolean(), fc.array(step, { maxLength: 20 }), (isIsolated, steps) => {
      const market = new Market();
      const isolate = { symbol: SYMBOL, marginType: 'ISOLATED' };
      if (isIsolated) market.call('a', 'POST /fapi/v1/marginType', isolate);
      for (const { key, side, quantity, offset, gap, scale } of steps) {
        market.venue.depth.setScale(SYMBOL, scale);
        if (offset === undefined) market.market(key, side, quantity);
        else market.limit(key, side, quantity, market.quote.mark.times(offset));
        market.tick(30_000);
        if (gap !== undefined) market.gap(gap);
      }
      expectExplained(market);
      for (const { wallet } of market.venue.state.rows('accounts')) {
        const isFlat = [...market.venue.state.rows('positions')].every((row) => row.amount === '0');
        if (isFlat) expect(Number(wallet)).toBeGreaterThanOrEqual(0);
      }
    }),
    { numRuns: 60 },
  );
});
