import type { Decimal } from '#pkg/base';
import type { FullLadder } from './full-ladder.ts';
import { maintenanceTiers } from './maintenance.ts';

/** What stands behind a position besides itself. */
export interface Behind {
  /** Wallet balance + unrealized profit of the other positions − their maintenance margin; may be negative. */
  readonly freeUsdt: Decimal;
}

/**
 * Returns the mark at which the account would be liquidated with this ladder full; undefined when there is none.
 *
 * Cross margin, one side held, as the fleet sets every symbol: free + direction × quantity × (mark − average) =
 * quantity × mark × ratio − amount, solved in each tier and taken from the tier that the solution falls into (the
 * venue's help page named in `maintenance.ts`).
 */
export function liquidationPriceOf(ladder: FullLadder, { freeUsdt }: Behind): Decimal | undefined {
  const sign = ladder.direction === 'long' ? 1 : -1;
  const { quantity, averagePrice } = ladder;
  const tiers = maintenanceTiers(ladder.brackets);
  const paid = quantity.times(averagePrice).times(sign);
  for (const [at, tier] of tiers.entries()) {
    const slope = quantity.times(tier.ratio.minus(sign));
    if (slope.isZero()) continue;
    const mark = freeUsdt.minus(paid).plus(tier.amount).div(slope);
    const worth = mark.times(quantity);
    const isLast = at === tiers.length - 1;
    if (worth.gte(tier.floor) && (isLast || worth.lt(tier.cap))) return mark;
  }
  return undefined;
}
