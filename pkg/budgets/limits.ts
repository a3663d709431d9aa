import type { BudgetKey, BudgetLimit } from './budget.ts';

/**
 * Limits used until the provider's own are read.
 *
 * Binance USD-M: 2,400 weight a minute for an address, 300 orders in 10 s and 1,200 a minute for an account
 * (developers.binance.com, USD-M futures, "Limits"). They are a floor for the first seconds of a fleet's life,
 * not a copy to rely on: `setLimits` replaces them with what exchangeInfo says.
 */
const DOCUMENTED_LIMITS: Readonly<Record<BudgetKey['scope'], readonly BudgetLimit[]>> = {
  address: [{ windowMs: 60_000, weightMax: 2_400 }],
  orders: [
    { windowMs: 10_000, weightMax: 300 },
    { windowMs: 60_000, weightMax: 1_200 },
  ],
  apiKey: [{ windowMs: 15_000, weightMax: 75 }],
};

/** Returns the limits that hold for a scope until others are set. */
export function documentedLimits(scope: BudgetKey['scope']): readonly BudgetLimit[] {
  return DOCUMENTED_LIMITS[scope];
}

export interface WindowBudgetOptions {
  /** Part of each window that only protective requests may use; 0.1 is the last tenth. */
  readonly protectiveShare: number;
  /**
   * How far our estimate of provider time is taken to be off at least, ms; a caller that knows of more says so. This
   * close after a window's start, the window before must have room as well, because the provider may still count in it.
   */
  readonly clockGuardMs: number;
}

export const DEFAULT_WINDOW_BUDGET_OPTIONS: WindowBudgetOptions = {
  protectiveShare: 0.1,
  clockGuardMs: 100,
};

/** Returns the text that names a key in a store. */
export function budgetKeyText(key: BudgetKey): string {
  return `${key.provider}:${key.scope}:${key.id}`;
}
