import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Decimal, required } from '#pkg/base';
import { summarize } from '../admin/summary.ts';
import type { Parameters } from './parameters.ts';
import { VenueRejection } from './rejection.ts';
import { VenueState } from './state.ts';
import { createVenue, ENDPOINTS, type Venue } from './venue.ts';

const START_MS = 1_777_800_000_000;
const SYMBOL = 'SOLUSDT';
type Body = Readonly<Record<string, unknown>>;

interface Driven {
  readonly venue: Venue;
  readonly frames: Body[];
  nowMs: number;
  /** Calls an endpoint as the one account; a refusal comes back as its code. */
  call(name: string, parameters?: Parameters): Body;
  /** Lets market time pass in quarter seconds. */
  pass(durationMs: number): void;
}

function drive(options: { readonly isHedge?: boolean; readonly seed?: string } = {}): Driven {
  const venue = createVenue(
    new VenueState(),
    {
      seed: options.seed ?? 'kraite',
      accounts: [{ key: 'k', secret: 's', balance: '10000' }],
      resumeMarketMs: 0,
    },
    START_MS,
  );
  const driven: Driven = {
    venue,
    frames: [],
    nowMs: START_MS,
    call: (name, parameters = {}) => {
      const endpoint = ENDPOINTS.find((each) => `${each.method} ${each.path}` === name);
      const account = venue.state.get('accounts', 'k');
      try {
        const found = required(endpoint, `${name} exists.`);
        return venue.call(found, parameters, account, driven.nowMs) as Body;
      } catch (thrown) {
        if (thrown instanceof VenueRejection) return { code: thrown.venueCode };
        throw thrown;
      } finally {
        driven.frames.push(...venue.takeFrames().map((frame) => frame.payload));
      }
    },
    pass: (durationMs) => {
      const endMs = driven.nowMs + durationMs;
      while (driven.nowMs < endMs) {
        driven.nowMs += 250;
        venue.tick(driven.nowMs);
      }
      driven.frames.push(...venue.takeFrames().map((frame) => frame.payload));
    },
  };
  if (options.isHedge !== false) {
    driven.call('POST /fapi/v1/positionSide/dual', { dualSidePosition: 'true' });
  }
  return driven;
}

const ORDER = 'POST /fapi/v1/order';
const ALGO = 'POST /fapi/v1/algoOrder';

function order(side: string, positionSide: string, quantity: string): Record<string, string> {
  return { symbol: SYMBOL, side, positionSide, type: 'MARKET', quantity };
}

function limit(base: Parameters, price: Decimal | number, id: string): Parameters {
  const text = new Decimal(price).toFixed(2);
  return { ...base, type: 'LIMIT', timeInForce: 'GTC', price: text, newClientOrderId: id };
}

const mark = (driven: Driven): Decimal => driven.venue.quote(SYMBOL, driven.nowMs).mark;
const summary = (driven: Driven): ReturnType<typeof summarize> =>
  summarize(driven.venue, driven.nowMs, 0);

function stopFor(driven: Driven, ratio: number, id = 'stop'): Parameters {
  return {
    algoType: 'CONDITIONAL',
    symbol: SYMBOL,
    side: 'SELL',
    positionSide: 'LONG',
    type: 'STOP_MARKET',
    closePosition: 'true',
    workingType: 'MARK_PRICE',
    triggerPrice: mark(driven).times(ratio).toFixed(2),
    clientAlgoId: id,
  };
}

describe('protection, as the venue counts it', () => {
  test('a position is unprotected from its entry fill until its closing stop works', () => {
    const driven = drive();
    driven.call(ORDER, order('BUY', 'LONG', '1'));
    driven.nowMs += 1_700;
    expect(summary(driven)).toMatchObject({ openWithoutStop: 1, unprotectedMsMax: 1_700 });
    driven.call(ALGO, stopFor(driven, 0.6));
    driven.nowMs += 60_000;
    expect(summary(driven)).toMatchObject({ openWithoutStop: 0, unprotectedMsMax: 1_700 });
  });

  test('a cancelled stop starts the count again', () => {
    const driven = drive();
    driven.call(ORDER, order('BUY', 'LONG', '1'));
    driven.call(ALGO, stopFor(driven, 0.6));
    driven.call('DELETE /fapi/v1/algoOrder', { clientAlgoId: 'stop' });
    driven.nowMs += 900;
    expect(summary(driven)).toMatchObject({ openWithoutStop: 1, unprotectedMsMax: 900 });
  });

  test('a rung, a re-averaged profit order and a close in profit are counted', () => {
    const driven = drive();
    driven.call(ORDER, order('BUY', 'LONG', '1'));
    const entry = mark(driven);
    driven.call(ORDER, limit(order('SELL', 'LONG', '1'), entry.times(1.5), 'profit'));
    driven.call(ORDER, limit(order('BUY', 'LONG', '2'), entry.times(0.92), 'rung'));
    for (let tries = 0; tries < 600 && summary(driven).rungsFilled === 0; tries += 1) {
      driven.pass(1_000);
    }
    const position = driven.venue.state.get('positions', `k|${SYMBOL}|LONG`);
    expect(position).toMatchObject({ amount: '3', rungsFilled: 1 });
    const change = {
      symbol: SYMBOL,
      side: 'SELL',
      origClientOrderId: 'profit',
      quantity: '3',
      price: new Decimal(position?.entryPrice ?? 0).times(1.004).toFixed(2),
    };
    driven.call('PUT /fapi/v1/order', change);
    for (let tries = 0; tries < 600 && summary(driven).positionsClosed === 0; tries += 1) {
      driven.pass(1_000);
    }
    expect(summary(driven)).toMatchObject({
      positionsOpened: 1,
      positionsClosed: 1,
      closedInProfit: 1,
      rungsFilled: 1,
      reaveraged: 1,
      duplicateClientOrderIds: 0,
    });
  });
});

describe('conditional orders', () => {
  test('a stop that is reached closes the position and reports its life', () => {
    const driven = drive();
    driven.call(ORDER, order('BUY', 'LONG', '1'));
    driven.call(ORDER, limit(order('SELL', 'LONG', '1'), mark(driven).times(2), 'profit'));
    driven.call(ALGO, stopFor(driven, 0.95));
    for (let tries = 0; tries < 600 && summary(driven).positionsClosed === 0; tries += 1) {
      driven.pass(1_000);
    }
    const states = driven.frames
      .filter((frame) => frame['e'] === 'ALGO_UPDATE')
      .map((frame) => (frame['o'] as Body)['X']);
    expect(states).toEqual(['NEW', 'TRIGGERING', 'TRIGGERED', 'FINISHED']);
    expect(driven.call('GET /fapi/v1/algoOrder', { clientAlgoId: 'stop' })).toMatchObject({
      algoStatus: 'FINISHED',
      actualQty: '1',
      actualType: 'MARKET',
    });
    const profit = { symbol: SYMBOL, origClientOrderId: 'profit' };
    expect(driven.call('GET /fapi/v1/order', profit)).toMatchObject({ status: 'EXPIRED' });
    expect(summary(driven)).toMatchObject({ openPositions: 0, openAlgoOrders: 0, openOrders: 0 });
  });

  test('what the venue refuses', () => {
    const driven = drive();
    expect(driven.call(ALGO, stopFor(driven, 0.6))).toEqual({ code: -4509 });
    driven.call(ORDER, order('BUY', 'LONG', '1'));
    expect(driven.call(ALGO, stopFor(driven, 1.2))).toEqual({ code: -2021 });
    expect(driven.call(ALGO, { ...stopFor(driven, 0.6), quantity: '1' })).toEqual({ code: -4137 });
    expect(driven.call(ALGO, stopFor(driven, 0.6))).toMatchObject({ algoStatus: 'NEW' });
    expect(driven.call(ALGO, stopFor(driven, 0.6))).toEqual({ code: -4116 });
    expect(driven.call(ALGO, stopFor(driven, 0.6, 'other'))).toEqual({ code: -4130 });
    expect(driven.call('POST /fapi/v1/positionSide/dual', { dualSidePosition: 'false' })).toEqual({
      code: -4067,
    });
  });
});

describe('orders', () => {
  test('a resting limit order fills at its own price as maker, a crossing one at the touch as taker', () => {
    const driven = drive();
    const { ask } = driven.venue.quote(SYMBOL, driven.nowMs);
    driven.call(ORDER, limit(order('BUY', 'LONG', '1'), ask.times(1.01), 'crossing'));
    driven.call(ORDER, limit(order('BUY', 'LONG', '1'), ask.times(0.97), 'resting'));
    driven.pass(240_000);
    const trades = [...driven.venue.state.tradesOf('k')];
    expect(trades.map((trade) => [trade.price, trade.isMaker])).toEqual([
      [ask.toFixed(), false],
      [new Decimal(ask.times(0.97).toFixed(2)).toFixed(), true],
    ]);
  });

  test('times in force: GTX never takes, FOK and IOC never rest', () => {
    const driven = drive();
    const { ask } = driven.venue.quote(SYMBOL, driven.nowMs);
    const tif = (price: Decimal, timeInForce: string): Parameters => ({
      ...limit(order('BUY', 'LONG', '1'), price, `x${timeInForce}${price.toFixed(0)}`),
      timeInForce,
      newOrderRespType: 'RESULT',
    });
    expect(driven.call(ORDER, tif(ask.times(1.01), 'GTX'))).toEqual({ code: -5022 });
    expect(driven.call(ORDER, tif(ask.times(0.9), 'FOK'))).toEqual({ code: -5021 });
    expect(driven.call(ORDER, tif(ask.times(0.9), 'IOC'))).toMatchObject({ status: 'EXPIRED' });
    expect(driven.call(ORDER, tif(ask.times(1.01), 'FOK'))).toMatchObject({ status: 'FILLED' });
  });

  test('prices and quantities off the grid or out of bounds are refused', () => {
    const driven = drive();
    const at = (price: number, quantity = '1'): unknown =>
      driven.call(ORDER, limit(order('BUY', 'LONG', quantity), price, 'grid'))['code'];
    expect([at(0.01), at(99_999), at(400), at(100, '0.015'), at(100, '99999999')]).toEqual([
      -4013, -4002, -4016, -1111, -4005,
    ]);
    const fine = { ...limit(order('BUY', 'LONG', '1'), 100, 'grid'), price: '100.001' };
    expect(driven.call(ORDER, fine)).toEqual({ code: -1111 });
  });

  test('one-way mode nets, and a larger order turns the position', () => {
    const driven = drive({ isHedge: false });
    driven.call(ORDER, order('BUY', 'BOTH', '2'));
    driven.call(ORDER, order('SELL', 'BOTH', '3'));
    expect(driven.venue.state.get('positions', `k|${SYMBOL}|BOTH`)).toMatchObject({ amount: '-1' });
  });
});

test('a listen key expires after its hour, with the event that says so', () => {
  const driven = drive();
  const { listenKey } = driven.call('POST /fapi/v1/listenKey');
  expect(driven.call('POST /fapi/v1/listenKey')).toEqual({ listenKey });
  driven.nowMs += 3_600_001;
  driven.venue.tick(driven.nowMs);
  const frames = driven.venue.takeFrames().map((frame) => frame.payload);
  expect(frames).toContainEqual({ e: 'listenKeyExpired', E: driven.nowMs, listenKey });
  expect(driven.call('PUT /fapi/v1/listenKey')).toEqual({ code: -1125 });
});

test('the ledger explains the wallet: deposits, realized profit and fees, whatever is traded', () => {
  const step = fc.record({
    side: fc.constantFrom('BUY', 'SELL'),
    positionSide: fc.constantFrom('LONG', 'SHORT'),
    quantity: fc.integer({ min: 1, max: 400 }).map((hundredths) => String(hundredths / 100)),
    offset: fc.constantFrom(undefined, 0.98, 1.02),
    passMs: fc.integer({ min: 0, max: 20_000 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const driven = drive();
      for (const [index, { side, positionSide, quantity, offset, passMs }] of steps.entries()) {
        const base = order(side, positionSide, quantity);
        const price = mark(driven).times(offset ?? 1);
        driven.call(ORDER, offset === undefined ? base : limit(base, price, `o${index}`));
        driven.pass(passMs);
      }
      const { state } = driven.venue;
      const total = (amounts: readonly string[]): Decimal =>
        amounts.reduce((sum, amount) => sum.plus(amount), new Decimal(0));
      const wallet = required(state.get('accounts', 'k'), 'The account exists.').wallet;
      const incomes = [...state.incomesOf('k')].map((income) => income.amount);
      expect(total(incomes).toFixed(6)).toBe(new Decimal(wallet).toFixed(6));
      for (const side of ['LONG', 'SHORT']) {
        const trades = [...state.tradesOf('k')].filter((trade) => trade.positionSide === side);
        const held = total(trades.map((each) => (each.side === 'BUY' ? '' : '-') + each.quantity));
        const position = state.get('positions', `k|${SYMBOL}|${side}`);
        expect(held.toFixed()).toBe(new Decimal(position?.amount ?? 0).toFixed());
        expect(held.times(side === 'LONG' ? 1 : -1).gte(0)).toBe(true);
      }
    }),
    { numRuns: 20 },
  );
});
