import { assert, Decimal } from '#pkg/base';
import { notional, worth, type Notional, type Price, type Quantity } from '../money/money.ts';
import { roundQuantity } from '../money/rounding.ts';
import type { LeverageBracket, SymbolRules } from '../symbol/symbol.ts';

/** The share of a bracket's notional cap that stays unused, so that a moving mark does not cross it. */
export const BRACKET_HEADROOM_RATIO = 0.004;

/** Returns the margin of one position: `marginPercent` of the balance. */
export function planMargin(balance: Notional, marginPercent: number): Notional {
  return notional(Decimal.max(0, balance).times(marginPercent).div(100));
}

export type LeveragePlan =
  | { readonly kind: 'feasible'; readonly leverage: number }
  | { readonly kind: 'infeasible'; readonly reason: 'LeverageUnavailable' };

/**
 * Returns the highest leverage whose full size a bracket admits.
 *
 * In each bracket the leverage is the smaller of the account's and the bracket's maximum; the bracket
 * qualifies when margin × leverage, plus the headroom, stays within its notional cap.
 */
export function planLeverage(
  brackets: readonly LeverageBracket[],
  options: { readonly margin: Notional; readonly leverageMax: number },
): LeveragePlan {
  const candidates = brackets
    .map((bracket) => ({
      leverage: Math.max(1, Math.floor(Math.min(options.leverageMax, bracket.leverageMax))),
      cap: bracket.notionalCap,
    }))
    .filter(({ leverage, cap }) =>
      options.margin
        .times(leverage)
        .times(1 + BRACKET_HEADROOM_RATIO)
        .lte(cap),
    )
    .map(({ leverage }) => leverage);
  return candidates.length === 0
    ? { kind: 'infeasible', reason: 'LeverageUnavailable' }
    : { kind: 'feasible', leverage: Math.max(...candidates) };
}

/** Returns the divider of a ladder with `rungs` rungs: the entry takes one part of 2^(N+1); without rungs all of it. */
export function ladderDivider(rungs: number): number {
  assert(Number.isInteger(rungs) && rungs >= 0, 'The number of rungs is a whole number.');
  return rungs === 0 ? 1 : 2 ** (rungs + 1);
}

export interface EntryOptions {
  readonly margin: Notional;
  readonly leverage: number;
  readonly rungs: number;
  readonly markPrice: Price;
}

export type EntryPlan =
  | { readonly kind: 'feasible'; readonly quantity: Quantity; readonly notional: Notional }
  | { readonly kind: 'infeasible'; readonly reason: 'BelowMinNotional' | 'BelowMinQuantity' };

/** Plans the market entry: margin × leverage ÷ divider at the mark price, rounded down to the venue's steps. */
export function planEntry(rules: SymbolRules, options: EntryOptions): EntryPlan {
  assert(options.markPrice.gt(0), 'A mark price is positive.');
  const wanted = options.margin
    .times(options.leverage)
    .div(ladderDivider(options.rungs))
    .div(options.markPrice);
  const step = Decimal.max(rules.marketStepSize, rules.stepSize) as Quantity;
  const quantity = roundQuantity(capped(wanted, rules.marketQuantityMax), step);
  if (quantity.isZero() || quantity.lt(Decimal.max(rules.marketQuantityMin, rules.quantityMin))) {
    return { kind: 'infeasible', reason: 'BelowMinQuantity' };
  }
  const value = worth(quantity, options.markPrice);
  return value.lt(rules.notionalMin)
    ? { kind: 'infeasible', reason: 'BelowMinNotional' }
    : { kind: 'feasible', quantity, notional: value };
}

function capped(value: Decimal, maximum: Quantity): Decimal {
  return maximum.isZero() ? value : Decimal.min(value, maximum);
}
