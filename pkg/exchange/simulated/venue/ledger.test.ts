/** The books of many customers under random commands: nothing comes from nowhere, and frames say what rows say. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Decimal } from '#pkg/base';
import { decimalsOf } from './filters.ts';
import { dump, frameFaults, isolationFaults, replay } from './ledger-testing.ts';
import type { Parameters } from './parameters.ts';
import { delistSymbol } from './settlement.ts';
import type { Change } from './state.ts';
import { Market } from './venue-testing.ts';
import { listedSymbol } from './world.ts';

const RUNS = Number(process.env['KRAITE_LEDGER_RUNS'] ?? 40);
const KEYS = ['a', 'b', 'c', 'd', 'e'];
/** These trade in hedge mode. */
const HEDGED = new Set(['d', 'e']);
const SYMBOLS = ['SOLUSDT', 'XRPUSDT', 'BTCUSDT'];

const key = fc.constantFrom(...KEYS);
const symbol = fc.constantFrom(...SYMBOLS);
const side = fc.constantFrom('BUY', 'SELL');
const positionSide = fc.constantFrom('LONG', 'SHORT');
const worth = fc.constantFrom(20, 500, 20_000, 150_000, 900_000);
const offset = fc.constantFrom(0.96, 0.999, 1, 1.001, 1.04);
const order = { key, symbol, side, positionSide, worth };

const command = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant('market' as const), ...order }) },
  {
    weight: 20,
    arbitrary: fc.record({
      do: fc.constant('limit' as const),
      ...order,
      offset,
      more: fc.constantFrom<Parameters>(
        { timeInForce: 'GTC' },
        { timeInForce: 'IOC' },
        { timeInForce: 'FOK' },
        { timeInForce: 'GTX' },
        { timeInForce: 'GTC', selfTradePreventionMode: 'EXPIRE_TAKER' },
        { timeInForce: 'GTC', selfTradePreventionMode: 'NONE' },
      ),
      reduceOnly: fc.boolean(),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('algo' as const),
      ...order,
      offset: fc.constantFrom(0.9, 0.99, 1.01, 1.1),
      type: fc.constantFrom('STOP_MARKET', 'TAKE_PROFIT_MARKET', 'STOP', 'TRAILING_STOP_MARKET'),
      closePosition: fc.boolean(),
    }),
  },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('amend' as const), key, worth, offset }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), key, symbol }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('leverage' as const),
      key,
      symbol,
      leverage: fc.constantFrom('3', '20', '75'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('margin' as const),
      key,
      symbol,
      positionSide,
      type: fc.constantFrom('ISOLATED', 'CROSSED', '1', '2'),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(250, 1_000, 30_000, 28_800_000),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('gap' as const),
      symbol,
      ratio: fc.constantFrom(0.7, 0.93, 1.07, 1.4),
      on: fc.constantFrom('all' as const, 'last' as const),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('depth' as const),
      symbol,
      scale: fc.constantFrom(0, 0, 0.001, 1),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delist' as const), symbol }) },
);
const fund = fc.constantFrom('1000000', '100', '0');
type Command = typeof command extends fc.Arbitrary<infer Value> ? Value : never;

function quantityOf(market: Market, name: string, value: number): string {
  const { mark } = market.venue.quote(name, market.nowMs);
  const { stepSize } = listedSymbol(market.venue.worldAt(market.nowMs), name);
  const steps = new Decimal(value).div(mark).div(stepSize).round();
  return Decimal.max(stepSize, steps.times(stepSize)).toFixed();
}

function priceOf(market: Market, name: string, ratio: number): string {
  const { mark } = market.venue.quote(name, market.nowMs);
  const { tickSize } = listedSymbol(market.venue.worldAt(market.nowMs), name);
  const ticks = mark.times(ratio).div(tickSize).round();
  return ticks.times(tickSize).toFixed(decimalsOf(tickSize));
}

/** Hedged customers must say which side they mean, the others must not. */
const sideOf = (owner: string, wanted: string): Parameters =>
  HEDGED.has(owner) ? { positionSide: wanted } : {};

function run(market: Market, step: Command): void {
  switch (step.do) {
    case 'market': {
      market.call(step.key, 'POST /fapi/v1/order', {
        symbol: step.symbol,
        side: step.side,
        type: 'MARKET',
        quantity: quantityOf(market, step.symbol, step.worth),
        ...sideOf(step.key, step.positionSide),
      });
      return;
    }
    case 'limit': {
      market.call(step.key, 'POST /fapi/v1/order', {
        symbol: step.symbol,
        side: step.side,
        type: 'LIMIT',
        quantity: quantityOf(market, step.symbol, step.worth),
        price: priceOf(market, step.symbol, step.offset),
        ...step.more,
        ...sideOf(step.key, step.positionSide),
        ...(step.reduceOnly && !HEDGED.has(step.key) ? { reduceOnly: 'true' } : {}),
      });
      return;
    }
    case 'algo': {
      runAlgo(market, step);
      return;
    }
    case 'amend': {
      const open = [...market.venue.state.openOrdersOf(step.key)].at(-1);
      if (open === undefined) return;
      market.call(step.key, 'PUT /fapi/v1/order', {
        symbol: open.symbol,
        side: open.side,
        orderId: String(open.orderId),
        quantity: quantityOf(market, open.symbol, step.worth),
        price: priceOf(market, open.symbol, step.offset),
      });
      return;
    }
    case 'cancel': {
      market.call(step.key, 'DELETE /fapi/v1/allOpenOrders', { symbol: step.symbol });
      market.call(step.key, 'DELETE /fapi/v1/algoOpenOrders', { symbol: step.symbol });
      return;
    }
    case 'leverage': {
      const asked = { symbol: step.symbol, leverage: step.leverage };
      market.call(step.key, 'POST /fapi/v1/leverage', asked);
      return;
    }
    case 'margin': {
      const { symbol: name, type } = step;
      if (type === 'ISOLATED' || type === 'CROSSED') {
        market.call(step.key, 'POST /fapi/v1/marginType', { symbol: name, marginType: type });
        return;
      }
      const moved = { symbol: name, type, amount: '15', ...sideOf(step.key, step.positionSide) };
      market.call(step.key, 'POST /fapi/v1/positionMargin', moved);
      return;
    }
    case 'wait': {
      market.tick(step.ms);
      return;
    }
    case 'gap': {
      market.gap(step.ratio, step.on, step.symbol);
      return;
    }
    case 'depth': {
      market.venue.depth.setScale(step.symbol, step.scale);
      return;
    }
    case 'delist': {
      delistSymbol(market.venue.worldAt(market.nowMs), step.symbol);
      market.tick();
    }
  }
}

function runAlgo(market: Market, step: Extract<Command, { readonly do: 'algo' }>): void {
  const price = priceOf(market, step.symbol, step.offset);
  const isMarket = step.type === 'STOP_MARKET' || step.type === 'TAKE_PROFIT_MARKET';
  const closes = step.closePosition && isMarket;
  market.call(step.key, 'POST /fapi/v1/algoOrder', {
    algoType: 'CONDITIONAL',
    symbol: step.symbol,
    side: step.side,
    type: step.type,
    ...(step.type === 'TRAILING_STOP_MARKET' ? { callbackRate: '1' } : { triggerPrice: price }),
    ...(step.type === 'STOP' ? { price } : {}),
    ...(closes
      ? { closePosition: 'true' }
      : { quantity: quantityOf(market, step.symbol, step.worth) }),
    ...sideOf(step.key, step.positionSide),
  });
}

/** A fund that begins with little soon has nothing left, and others are deleveraged. */
function opened(fundAtFirst: string): Market {
  const market = new Market(
    Object.fromEntries(KEYS.map((each, at) => [each, `${2_000 * 4 ** at}`])),
  );
  for (const each of HEDGED) {
    market.call(each, 'POST /fapi/v1/positionSide/dual', { dualSidePosition: 'true' });
  }
  market.setFund(fundAtFirst);
  return market;
}

test(
  'wallets, fees, the fund and the market together are what was deposited, every row is explained and told, and an isolated position costs its own margin at most',
  { timeout: 120_000 + RUNS * 1_000 },
  () => {
    fc.assert(
      fc.property(
        fund,
        fc.array(command, { minLength: 40, maxLength: 120, size: 'max' }),
        (fundAtFirst, commands) => {
          const market = opened(fundAtFirst);
          const changes: Change[] = [...market.venue.takeChanges()];
          for (const step of commands) {
            run(market, step);
            changes.push(...market.venue.takeChanges());
          }
          expect(market.faults).toEqual([]);
          expect(frameFaults(market.venue, market.sent)).toEqual([]);
          expect(isolationFaults(market.sent)).toEqual([]);
          expect(dump(replay(changes))).toBe(dump(market.venue.state));
        },
      ),
      { numRuns: RUNS },
    );
  },
);
