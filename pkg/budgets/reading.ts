import type { Reason } from '#pkg/base';

import type { BudgetKey, BudgetPriority, BudgetReading } from './budget.ts';

/** Returns how much of a window this priority may use. */
export function allowedWeight(
  weightMax: number,
  priority: BudgetPriority,
  protectiveShare: number,
): number {
  return priority === 'protective' ? weightMax : Math.floor(weightMax * (1 - protectiveShare));
}

/** Returns why a key that has nothing left defers a request. */
export function spentReason(key: BudgetKey): Reason {
  switch (key.scope) {
    case 'address':
      return 'AddressBudgetSpent';
    case 'orders':
      return 'AccountOrderBudgetSpent';
    case 'apiKey':
      return 'ProviderBudgetSpent';
  }
}

/** A blocked address may be banned; a blocked account has only used up its orders. */
export function blockedReason(key: BudgetKey): Reason {
  return key.scope === 'address' ? 'AddressBanned' : spentReason(key);
}

/** Returns the reading of the window with the least left, of at least one. */
export function tightestReading(
  readings: readonly Omit<BudgetReading, 'blockedUntilMs'>[],
  blockedUntilMs: number,
  nowMs: number,
): BudgetReading {
  const tightest = readings.toSorted(
    (a, b) =>
      (a.weightMax - a.weightUsed) / a.weightMax - (b.weightMax - b.weightUsed) / b.weightMax,
  )[0] ?? { weightUsed: 0, weightMax: 0, windowMs: 0 };
  return { ...tightest, blockedUntilMs: blockedUntilMs > nowMs ? blockedUntilMs : undefined };
}
