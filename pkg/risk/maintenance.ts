import { Decimal } from '#pkg/base';
import type { LeverageBracket } from '#pkg/domain';

/** Ratio and amount of the bracket that a worth falls into: the maintenance margin is worth × ratio − amount. */
export interface MaintenanceTier {
  readonly ratio: Decimal;
  readonly amount: Decimal;
  readonly floor: Decimal;
  readonly cap: Decimal;
}

/**
 * Returns the tiers of a symbol, smallest first.
 *
 * The amount of a tier is its floor × (its ratio − the ratio before) + the amount before: the venue's help page "How
 * to Calculate Liquidation Price of USDⓈ-M Futures Contracts" (support/faq b3c689c1f50a44cabb3a84e663b81d93) and its
 * twin for COIN-M. It makes the margin continuous where a position grows into the next tier.
 */
export function maintenanceTiers(brackets: readonly LeverageBracket[]): readonly MaintenanceTier[] {
  let amount = new Decimal(0);
  let before: Decimal | undefined;
  return brackets
    .toSorted((a, b) => a.notionalFloor.comparedTo(b.notionalFloor))
    .map((bracket) => {
      const ratio = new Decimal(bracket.maintenanceMarginRatio);
      amount = amount.plus(bracket.notionalFloor.times(ratio.minus(before ?? ratio)));
      before = ratio;
      return { ratio, amount, floor: bracket.notionalFloor, cap: bracket.notionalCap };
    });
}

/** Returns what must stay behind a position of this worth; a worth above the last cap counts as the last tier's. */
export function maintenanceOf(tiers: readonly MaintenanceTier[], worth: Decimal): Decimal {
  const tier = tiers.find(({ cap }) => worth.lt(cap)) ?? tiers.at(-1);
  if (tier === undefined) return new Decimal(0);
  return Decimal.max(0, worth.times(tier.ratio).minus(tier.amount));
}
