import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Decimal } from '#pkg/base';
import {
  DEFAULT_ACCOUNT_SETTINGS,
  DEFAULT_RISK_LIMITS,
  notional,
  price,
  quantity,
  type Direction,
  type LeverageBracket,
} from '#pkg/domain';
import { BRACKETS, BTC_SYMBOL } from '../../tests/harness/trade/btc.ts';
import { fillLadder, judgeLadder, type FullLadder, type RiskFacts } from './index.ts';
import { liquidationPriceOf } from './liquidation.ts';
import { maintenanceOf, maintenanceTiers } from './maintenance.ts';

const TIERS: readonly LeverageBracket[] = [
  bracket(0, 50_000, 0.004),
  bracket(50_000, 250_000, 0.005),
  bracket(250_000, 1_000_000, 0.01),
  bracket(1_000_000, 5_000_000, 0.025),
];
const SETTINGS = DEFAULT_ACCOUNT_SETTINGS;

function bracket(floor: number, cap: number, ratio: number): LeverageBracket {
  return {
    bracket: 1,
    leverageMax: 20,
    notionalFloor: notional(floor),
    notionalCap: notional(cap),
    maintenanceMarginRatio: ratio,
  };
}

/** The ladder of one slot of the default settings on a balance of 100,000 USDT. */
function defaultLadder(direction: Direction): FullLadder {
  const { marginPercent, leverageMax } = SETTINGS;
  const worth = (100_000 * marginPercent[direction] * leverageMax[direction]) / 100 / 32;
  const ladder = fillLadder(
    { ...BTC_SYMBOL, brackets: BRACKETS },
    {
      direction,
      settings: SETTINGS,
      entryPrice: price(60_000),
      entryQuantity: quantity(new Decimal(worth).div(60_000).toDecimalPlaces(3)),
    },
  );
  if (ladder === undefined) throw new Error('the ladder does not fit');
  return ladder;
}

function factsOf(changes: Partial<RiskFacts> = {}): RiskFacts {
  return {
    walletUsdt: notional(100_000),
    limits: DEFAULT_RISK_LIMITS,
    ladder: defaultLadder('long'),
    others: [],
    unrealizedUsdt: notional(0),
    ...changes,
  };
}

function full(of: Partial<FullLadder>): FullLadder {
  return { ...defaultLadder('long'), ...of };
}

describe('the margin that must stay behind a position', () => {
  test("is that of the venue's own table of amounts", () => {
    expect(maintenanceTiers(TIERS).map(({ amount }) => amount.toNumber())).toEqual([
      0, 50, 1_300, 16_300,
    ]);
  });

  test('grows without a jump from tier to tier', () => {
    const tiers = maintenanceTiers(TIERS);
    for (const { floor } of tiers.slice(1)) {
      const below = maintenanceOf(tiers, floor.minus('0.000001'));
      expect(maintenanceOf(tiers, floor).minus(below).toNumber()).toBeLessThan(0.000_01);
    }
  });
});

describe('the liquidation price', () => {
  test('is where margin balance and maintenance margin meet, on either side and in every tier', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Direction>('long', 'short'),
        fc.integer({ min: 1, max: 40_000 }),
        fc.integer({ min: 1_000, max: 500_000 }),
        (direction, thousandths, free) => {
          const ladder = full({
            direction,
            quantity: quantity(new Decimal(thousandths).div(1_000)),
            averagePrice: price(50_000),
            brackets: TIERS,
          });
          const freeUsdt = new Decimal(free);
          const mark = liquidationPriceOf(ladder, { freeUsdt });
          if (mark === undefined) return;
          const gain = mark.minus(50_000).times(ladder.quantity);
          const balance = freeUsdt.plus(direction === 'long' ? gain : gain.negated());
          const needed = maintenanceOf(maintenanceTiers(TIERS), mark.times(ladder.quantity));
          expect(balance.minus(needed).abs().toNumber()).toBeLessThan(1e-6);
        },
      ),
    );
  });

  test('is none where the account can pay for a long that became worthless', () => {
    const ladder = full({ quantity: quantity(1), averagePrice: price(50_000), brackets: TIERS });
    expect(liquidationPriceOf(ladder, { freeUsdt: new Decimal(60_000) })).toBeUndefined();
  });
});

describe('one ladder more', () => {
  test('six longs and six shorts of the default settings are allowed', () => {
    const others: FullLadder[] = [];
    for (const direction of ['long', 'short'] as const) {
      for (let slot = 1; slot <= 6; slot += 1) {
        const ladder = defaultLadder(direction);
        expect(judgeLadder(factsOf({ ladder, others }))).toEqual({ kind: 'allowed' });
        others.push(ladder);
      }
    }
  });

  test.each([
    ['SideNotionalLimit', { sideNotionalPercentMax: 70 }],
    ['AccountNotionalLimit', { notionalPercentMax: 70 }],
    ['StopLossLimit', { stopLossPercentMax: 8 }],
    ['MarginRatioLimit', { marginRatioPercentMax: 0.1 }],
  ])(
    'is refused as %s, with figures, when that limit is lower than its ladder',
    (reason, limit) => {
      const decision = judgeLadder(factsOf({ limits: { ...DEFAULT_RISK_LIMITS, ...limit } }));
      expect(decision).toMatchObject({ kind: 'refused', reason });
      expect(decision.kind === 'refused' && decision.message).toMatch(/\d+\.\d\d/);
    },
  );

  test('is refused when six of its side would together lose too much at their stops (incident 52)', () => {
    const six = Array.from({ length: 6 }, () => defaultLadder('long'));
    const limits = { ...DEFAULT_RISK_LIMITS, stopLossPercentMax: 55 };
    expect(judgeLadder(factsOf({ others: six.slice(1), limits }))).toEqual({ kind: 'allowed' });
    expect(judgeLadder(factsOf({ others: six, limits }))).toMatchObject({
      reason: 'StopLossLimit',
    });
  });

  test('is refused when it would be liquidated before its stop', () => {
    const limits = { ...DEFAULT_RISK_LIMITS, stopLossPercentMax: 1e6 };
    const facts = factsOf({ limits, unrealizedUsdt: notional(-92_000) });
    expect(judgeLadder(facts)).toMatchObject({ reason: 'LiquidationBeforeStop' });
  });

  test('is refused when all accounts together would be worth more than the limit', () => {
    const fleet = { worthUsdt: notional(930_000), worthMaxUsdt: notional(1_000_000) };
    expect(judgeLadder(factsOf({ fleet }))).toMatchObject({ reason: 'FleetNotionalLimit' });
  });

  test('a higher balance never turns an allowed order into a refused one, nor does one ladder less', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom<Direction>('long', 'short'), { maxLength: 14 }),
        fc.constantFrom<Direction>('long', 'short'),
        fc.integer({ min: 1_000, max: 200_000 }),
        fc.integer({ min: 0, max: 100_000 }),
        (directions, direction, wallet, more) => {
          const others = directions.map(defaultLadder);
          const facts = factsOf({
            walletUsdt: notional(wallet),
            ladder: defaultLadder(direction),
            others,
          });
          if (judgeLadder(facts).kind === 'refused') return;
          const richer = { ...facts, walletUsdt: notional(wallet + more) };
          expect(judgeLadder(richer).kind).toBe('allowed');
          expect(judgeLadder({ ...facts, others: others.slice(1) }).kind).toBe('allowed');
        },
      ),
      { numRuns: 60 },
    );
  });
});
