import { assert, Decimal } from '#pkg/base';
import type { Price } from '../money/money.ts';
import { roundPrice } from '../money/rounding.ts';
import type { SymbolRules } from '../symbol/symbol.ts';
import type { Direction } from './direction.ts';
import { clampPrice, type Rung } from './ladder.ts';

export interface ProfitOptions {
  readonly direction: Direction;
  /** Average price of the entry, or the venue's break-even price once rungs have filled. */
  readonly basePrice: Price;
  readonly profitPercent: number;
  /** When the mark already lies beyond the target, the target is anchored to the mark instead. */
  readonly markPrice?: Price | undefined;
}

/**
 * Returns the price of the profit order: base × (1 ± profit %), rounded so that the profit is never smaller.
 *
 * With a mark price, a target that the market has already passed is re-anchored to the mark.
 */
export function planProfit(rules: SymbolRules, options: ProfitOptions): Price {
  const target = profitTarget(rules, options, options.basePrice);
  const { markPrice } = options;
  if (markPrice === undefined) return target;
  const isBeyond = options.direction === 'long' ? markPrice.gte(target) : markPrice.lte(target);
  return isBeyond ? profitTarget(rules, options, markPrice) : target;
}

/**
 * Returns the profit price after the ladder was hit: the venue's break-even × (1 ± profit %).
 *
 * Never re-anchored: if the market has passed it meanwhile, the order fills at once at the better price.
 */
export function planReaveragedProfit(
  rules: SymbolRules,
  options: {
    readonly direction: Direction;
    readonly breakEvenPrice: Price;
    readonly profitPercent: number;
  },
): Price {
  assert(options.breakEvenPrice.gt(0), 'A break-even price is positive: a held position has one.');
  return profitTarget(rules, options, options.breakEvenPrice);
}

function profitTarget(
  rules: SymbolRules,
  options: { readonly direction: Direction; readonly profitPercent: number },
  base: Price,
): Price {
  const ratio = new Decimal(options.profitPercent).div(100);
  const isLong = options.direction === 'long';
  const wanted = base.times(isLong ? ratio.plus(1) : Decimal.max(0, Decimal.sub(1, ratio)));
  return clampPrice(rules, roundPrice(wanted, rules.tickSize, isLong ? 'up' : 'down'));
}

export interface StopOptions {
  readonly direction: Direction;
  readonly entryPrice: Price;
  readonly rungs: readonly Rung[];
  /** Distance beyond the last rung (the entry when there is none), percent. */
  readonly stopPercent: number;
}

/** Returns the trigger price of the stop: beyond the last rung, rounded away from the entry. */
export function planStop(rules: SymbolRules, options: StopOptions): Price {
  const anchor = options.rungs.at(-1)?.price ?? options.entryPrice;
  const ratio = new Decimal(options.stopPercent).div(100);
  const isLong = options.direction === 'long';
  const wanted = anchor.times(isLong ? Decimal.max(0, Decimal.sub(1, ratio)) : ratio.plus(1));
  return clampPrice(rules, roundPrice(wanted, rules.tickSize, isLong ? 'down' : 'up'));
}
