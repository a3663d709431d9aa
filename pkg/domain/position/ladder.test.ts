import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Decimal } from '#pkg/base';
import { DEFAULT_ACCOUNT_SETTINGS } from '../account/account.ts';
import { id, type SymbolName } from '../fleet/ids.ts';
import { notional, price, quantity } from '../money/money.ts';
import type { SymbolRules } from '../symbol/symbol.ts';
import { planLadder } from './ladder.ts';
import { planPrices, simulateOpening } from './opening.ts';
import { planProfit, planReaveragedProfit, planStop } from './exits.ts';
import { ladderDivider, planEntry, planLeverage, planMargin } from './sizing.ts';

const RULES: SymbolRules = {
  symbol: id<SymbolName>('BTCUSDT'),
  tickSize: price('0.10'),
  priceMin: price('556.80'),
  priceMax: price('4529764'),
  stepSize: quantity('0.001'),
  quantityMin: quantity('0.001'),
  quantityMax: quantity('1000'),
  marketStepSize: quantity('0.001'),
  marketQuantityMin: quantity('0.001'),
  marketQuantityMax: quantity('120'),
  notionalMin: notional('100'),
};

describe('size', () => {
  test.each([
    ['10000', 5, '500'],
    ['10000', 2.5, '250'],
    ['0', 5, '0'],
    ['-3', 5, '0'],
  ])('a balance of %s at %s %% binds %s', (balance, percent, expected) => {
    expect(planMargin(notional(balance), percent).toString()).toBe(expected);
  });

  test.each([
    [0, 1],
    [1, 4],
    [4, 32],
    [6, 128],
  ])('a ladder of %s rungs divides by %s', (rungs, divider) => {
    expect(ladderDivider(rungs)).toBe(divider);
  });

  const brackets = [
    { bracket: 1, leverageMax: 125, cap: 50_000 },
    { bracket: 2, leverageMax: 10, cap: 600_000 },
    { bracket: 3, leverageMax: 5, cap: 3_000_000 },
  ].map(({ bracket, leverageMax, cap }) => ({
    bracket,
    leverageMax,
    notionalFloor: notional(0),
    notionalCap: notional(cap),
    maintenanceMarginRatio: 0.004,
  }));

  test.each([
    ['500', 20, 20],
    ['2490', 20, 20],
    // 2,500 × 20 is exactly the cap; the headroom pushes it into the next bracket.
    ['2500', 20, 10],
    ['100000', 20, 5],
    ['500', 0.5, 1],
  ])('a margin of %s with at most %s gets leverage %s', (margin, leverageMax, expected) => {
    expect(planLeverage(brackets, { margin: notional(margin), leverageMax })).toEqual({
      kind: 'feasible',
      leverage: expected,
    });
  });

  test('a margin that no bracket admits gets no leverage, with the reason', () => {
    expect(planLeverage(brackets, { margin: notional('10000000'), leverageMax: 20 })).toEqual({
      kind: 'infeasible',
      reason: 'LeverageUnavailable',
    });
    expect(planLeverage([], { margin: notional('1'), leverageMax: 20 }).kind).toBe('infeasible');
  });

  test('the entry is margin × leverage ÷ divider at the mark, rounded down', () => {
    const plan = planEntry(RULES, {
      margin: notional(500),
      leverage: 20,
      rungs: 4,
      markPrice: price('60000'),
    });
    // 500 × 20 / 32 = 312.5 USDT = 0.005208… BTC
    expect(plan).toMatchObject({ kind: 'feasible' });
    expect(plan.kind === 'feasible' && plan.quantity.toString()).toBe('0.005');
  });

  test.each([
    ['60', 'BelowMinNotional'],
    ['1', 'BelowMinQuantity'],
  ])('a margin of %s is refused with %s', (margin, reason) => {
    const markPrice = price('20000');
    expect(
      planEntry(RULES, { margin: notional(margin), leverage: 20, rungs: 4, markPrice }),
    ).toEqual({ kind: 'infeasible', reason });
  });
});

describe('ladder', () => {
  const long = {
    direction: 'long',
    entryPrice: price('60000'),
    entryQuantity: quantity('0.005'),
    gapPercent: 8.5,
    multipliers: [2, 2, 2, 2],
  } as const;

  test('a long ladder of four stands at -8.5, -17, -25.5 and -34 %, doubling', () => {
    const plan = planLadder(RULES, long);
    expect(plan.kind === 'feasible' && plan.rungs.map(asText)).toEqual([
      '1: 0.01 @ 54900',
      '2: 0.02 @ 49800',
      '3: 0.04 @ 44700',
      '4: 0.08 @ 39600',
    ]);
  });

  test('a short ladder of four stands at +9.5 to +38 %, and prices round away from the entry', () => {
    const plan = planLadder(RULES, {
      ...long,
      direction: 'short',
      entryPrice: price('60001.3'),
      gapPercent: 9.5,
    });
    expect(plan.kind === 'feasible' && plan.rungs.map(asText)).toEqual([
      '1: 0.01 @ 65701.5',
      '2: 0.02 @ 71401.6',
      '3: 0.04 @ 77101.7',
      '4: 0.08 @ 82801.8',
    ]);
  });

  test('a full long ladder averages at 73.1 % of its entry and its stop lies 35.65 % away', () => {
    const plan = planPrices(RULES, {
      direction: 'long',
      settings: DEFAULT_ACCOUNT_SETTINGS,
      entryPrice: price('60000'),
      entryQuantity: quantity('0.005'),
    });
    if (plan.kind === 'infeasible') throw new Error(plan.reason);
    const fills = [{ price: price('60000'), quantity: quantity('0.005') }, ...plan.prices.rungs];
    const held = fills.reduce((sum, fill) => sum.plus(fill.quantity), new Decimal(0));
    const paid = fills.reduce(
      (sum, fill) => sum.plus(fill.quantity.times(fill.price)),
      new Decimal(0),
    );
    expect(paid.div(held).div(60_000).toFixed(3)).toBe('0.731');
    expect(plan.prices.stopPrice.div(60_000).minus(1).times(100).toFixed(2)).toBe('-35.65');
  });

  test('a rung under the minimum notional refuses the whole ladder and names the rung', () => {
    // Incident 12: the market order filled, then a rung was under the minimum notional.
    expect(
      planLadder(RULES, { ...long, entryQuantity: quantity('0.002'), multipliers: [2, 0.5, 2] }),
    ).toEqual({ kind: 'infeasible', rungIndex: 2, reason: 'BelowMinNotional' });
  });

  test('a rung that rounds to zero is dropped', () => {
    const plan = planLadder(RULES, { ...long, multipliers: [0.1, 40] });
    expect(plan.kind === 'feasible' && plan.rungs.map((rung) => rung.index)).toEqual([2]);
  });

  test('an impossible ladder refuses the opening before anything is sent', () => {
    expect(
      simulateOpening(RULES, {
        direction: 'long',
        settings: { ...DEFAULT_ACCOUNT_SETTINGS, multipliers: [2, 0.05] },
        margin: notional(500),
        leverage: 20,
        markPrice: price('60000'),
      }),
    ).toEqual({ kind: 'infeasible', rungIndex: 2, reason: 'BelowMinNotional' });
  });

  test('rungs lie on the grid, in order, within the limits, and never bind more than planned', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('long', 'short'),
        fc.integer({ min: 10_000_00, max: 200_000_00 }),
        fc.integer({ min: 5, max: 2000 }),
        fc.double({ min: 0.5, max: 20, noNaN: true }),
        fc.integer({ min: 0, max: 6 }),
        (direction, cents, steps, gapPercent, count) => {
          const entryQuantity = quantity(new Decimal(steps).times('0.001'));
          const entryPrice = price(new Decimal(cents).div(100));
          const plan = planLadder(RULES, {
            direction,
            entryPrice,
            entryQuantity,
            gapPercent,
            multipliers: Array.from({ length: count }, () => 2),
          });
          if (plan.kind === 'infeasible') return;
          let previous = entryPrice;
          for (const rung of plan.rungs) {
            expect(rung.price.mod(RULES.tickSize).isZero()).toBe(true);
            expect(rung.quantity.mod(RULES.stepSize).isZero()).toBe(true);
            expect(rung.price.gte(RULES.priceMin)).toBe(true);
            expect(rung.quantity.lte(entryQuantity.times(2 ** rung.index))).toBe(true);
            expect(rung.price.times(rung.quantity).gte(RULES.notionalMin)).toBe(true);
            if (direction === 'long') expect(rung.price.lte(previous)).toBe(true);
            else expect(rung.price.gte(previous)).toBe(true);
            previous = rung.price;
          }
        },
      ),
    );
  });
});

describe('exits', () => {
  test.each([
    ['long', '60000', undefined, '60216'],
    ['short', '60000', undefined, '59784'],
    ['long', '60000.1', '60100', '60216.2'],
    // The market is beyond the target already: the target is anchored to the mark.
    ['long', '60000', '60300', '60517.1'],
    ['short', '60000', '59700', '59485'],
  ] as const)(
    'a %s from %s with the mark at %s takes profit at %s',
    (direction, base, mark, expected) => {
      const target = planProfit(RULES, {
        direction,
        basePrice: price(base),
        profitPercent: 0.36,
        markPrice: mark === undefined ? undefined : price(mark),
      });
      expect(target.toString()).toBe(expected);
    },
  );

  test('after a rung filled, profit follows from the break-even price alone', () => {
    const target = planReaveragedProfit(RULES, {
      direction: 'long',
      breakEvenPrice: price('56620.15'),
      profitPercent: 0.36,
    });
    expect(target.toString()).toBe('56824');
  });

  test('a missing break-even price is never treated as a price', () => {
    // Incident 15: a missing average put a profit order at a third of the price.
    expect(() =>
      planReaveragedProfit(RULES, {
        direction: 'long',
        breakEvenPrice: price(0),
        profitPercent: 0.36,
      }),
    ).toThrow('break-even');
  });

  test('without a ladder the stop hangs on the entry', () => {
    const stop = (direction: 'long' | 'short'): string =>
      planStop(RULES, {
        direction,
        entryPrice: price('60000'),
        rungs: [],
        stopPercent: 2.5,
      }).toString();
    expect([stop('long'), stop('short')]).toEqual(['58500', '61500']);
  });

  test('the profit price never gives less than the wanted profit, whatever the tick', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_000_00, max: 200_000_00 }),
        fc.constantFrom('0.01', '0.1', '1', '5'),
        (cents, tick) => {
          const base = price(new Decimal(cents).div(100));
          const rules = { ...RULES, tickSize: price(tick) };
          const options = { basePrice: base, profitPercent: 0.36 };
          const long = planProfit(rules, { ...options, direction: 'long' });
          const short = planProfit(rules, { ...options, direction: 'short' });
          expect(long.gte(base.times('1.0036'))).toBe(true);
          expect(short.lte(base.times('0.9964'))).toBe(true);
        },
      ),
    );
  });
});

function asText(rung: {
  readonly index: number;
  readonly price: Decimal;
  readonly quantity: Decimal;
}): string {
  return `${rung.index}: ${rung.quantity.toString()} @ ${rung.price.toString()}`;
}
