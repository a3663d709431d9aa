import type { AccountSettings } from '../account/account.ts';
import type { Notional, Price, Quantity } from '../money/money.ts';
import type { SymbolRules } from '../symbol/symbol.ts';
import type { Direction } from './direction.ts';
import { planProfit, planStop } from './exits.ts';
import { planLadder, type Rung } from './ladder.ts';
import { planEntry } from './sizing.ts';

export interface OpeningOptions {
  readonly direction: Direction;
  readonly settings: AccountSettings;
  readonly margin: Notional;
  readonly leverage: number;
  readonly markPrice: Price;
}

/** The prices that follow from an entry, simulated or real. */
export interface LadderPrices {
  readonly rungs: readonly Rung[];
  readonly stopPrice: Price;
  readonly profitPrice: Price;
}

export type OpeningPlan =
  | {
      readonly kind: 'feasible';
      readonly entryQuantity: Quantity;
      readonly entryNotional: Notional;
      readonly prices: LadderPrices;
    }
  | {
      readonly kind: 'infeasible';
      readonly reason: 'BelowMinNotional' | 'BelowMinQuantity';
      /** 0 for the entry itself. */
      readonly rungIndex: number;
    };

/**
 * Simulates the whole position at the mark price, entry and ladder, against the symbol's filters.
 *
 * Asked before the entry, so that an order that the venue would refuse costs nothing.
 */
export function simulateOpening(rules: SymbolRules, options: OpeningOptions): OpeningPlan {
  const entry = planEntry(rules, {
    margin: options.margin,
    leverage: options.leverage,
    rungs: options.settings.multipliers.length,
    markPrice: options.markPrice,
  });
  if (entry.kind === 'infeasible') return { ...entry, rungIndex: 0 };
  const prices = planPrices(rules, {
    direction: options.direction,
    settings: options.settings,
    entryPrice: options.markPrice,
    entryQuantity: entry.quantity,
  });
  if (prices.kind === 'infeasible') return prices;
  return {
    kind: 'feasible',
    entryQuantity: entry.quantity,
    entryNotional: entry.notional,
    prices: prices.prices,
  };
}

export type PricesPlan =
  | { readonly kind: 'feasible'; readonly prices: LadderPrices }
  | Extract<OpeningPlan, { readonly kind: 'infeasible' }>;

/** Plans rungs, stop and profit from an entry: the mark when simulated, the average fill price when real. */
export function planPrices(
  rules: SymbolRules,
  options: {
    readonly direction: Direction;
    readonly settings: AccountSettings;
    readonly entryPrice: Price;
    readonly entryQuantity: Quantity;
    readonly markPrice?: Price | undefined;
  },
): PricesPlan {
  const { direction, settings, entryPrice } = options;
  const ladder = planLadder(rules, {
    direction,
    entryPrice,
    entryQuantity: options.entryQuantity,
    gapPercent: settings.gapPercent[direction],
    multipliers: settings.multipliers,
  });
  if (ladder.kind === 'infeasible') return ladder;
  const { rungs } = ladder;
  return {
    kind: 'feasible',
    prices: {
      rungs,
      stopPrice: planStop(rules, {
        direction,
        entryPrice,
        rungs,
        stopPercent: settings.stopPercent,
      }),
      profitPrice: planProfit(rules, {
        direction,
        basePrice: entryPrice,
        profitPercent: settings.profitPercent,
        markPrice: options.markPrice,
      }),
    },
  };
}
