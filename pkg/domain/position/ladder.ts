import { assert, Decimal } from '#pkg/base';
import { worth, type Price, type Quantity } from '../money/money.ts';
import { roundPrice, roundQuantity } from '../money/rounding.ts';
import type { SymbolRules } from '../symbol/symbol.ts';
import type { Direction } from './direction.ts';

export interface LadderOptions {
  readonly direction: Direction;
  /** Average price of the market fill, or the mark when the ladder is only simulated. */
  readonly entryPrice: Price;
  readonly entryQuantity: Quantity;
  /** Distance between rungs, percent of the entry price. */
  readonly gapPercent: number;
  /** Quantity multiplier of each rung over the order before it; the length is the number of rungs. */
  readonly multipliers: readonly number[];
}

export interface Rung {
  /** 1 for the rung nearest to the entry. */
  readonly index: number;
  readonly price: Price;
  readonly quantity: Quantity;
}

export type LadderPlan =
  | { readonly kind: 'feasible'; readonly rungs: readonly Rung[] }
  | {
      readonly kind: 'infeasible';
      readonly rungIndex: number;
      readonly reason: 'BelowMinNotional' | 'BelowMinQuantity';
    };

/**
 * Plans the limit orders below (long) or above (short) an entry.
 *
 * Pure, and called twice on purpose: once before the market order, so that an impossible ladder costs
 * nothing, and once after the fill with the real price. Rounds quantities down and prices away from the
 * entry, clamps prices to the symbol's limits, and drops a rung whose quantity rounds to zero.
 */
export function planLadder(rules: SymbolRules, options: LadderOptions): LadderPlan {
  assert(options.entryPrice.gt(0), 'An entry price is positive.');
  const rungs: Rung[] = [];
  let units: Decimal = options.entryQuantity;
  for (const [position, multiplier] of options.multipliers.entries()) {
    const index = position + 1;
    units = units.times(multiplier);
    const quantity = roundQuantity(atMost(units, rules.quantityMax), rules.stepSize);
    if (quantity.isZero()) continue;
    const price = rungPrice(rules, options, index);
    if (quantity.lt(rules.quantityMin)) {
      return { kind: 'infeasible', rungIndex: index, reason: 'BelowMinQuantity' };
    }
    if (worth(quantity, price).lt(rules.notionalMin)) {
      return { kind: 'infeasible', rungIndex: index, reason: 'BelowMinNotional' };
    }
    rungs.push({ index, price, quantity });
  }
  return { kind: 'feasible', rungs };
}

function rungPrice(rules: SymbolRules, options: LadderOptions, index: number): Price {
  const distance = new Decimal(options.gapPercent).times(index).div(100);
  const isLong = options.direction === 'long';
  const wanted = options.entryPrice.times(
    isLong ? Decimal.max(0, Decimal.sub(1, distance)) : distance.plus(1),
  );
  return clampPrice(rules, roundPrice(wanted, rules.tickSize, isLong ? 'down' : 'up'));
}

/** Returns `price` within the symbol's price limits; a limit of zero is no limit. */
export function clampPrice(rules: SymbolRules, price: Price): Price {
  const lifted = price.lt(rules.priceMin) ? rules.priceMin : price;
  return !rules.priceMax.isZero() && lifted.gt(rules.priceMax) ? rules.priceMax : lifted;
}

function atMost(value: Decimal, maximum: Quantity): Decimal {
  return maximum.isZero() ? value : Decimal.min(value, maximum);
}
