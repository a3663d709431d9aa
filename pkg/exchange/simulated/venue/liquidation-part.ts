/** How much of a position has to go so that its margin bears the rest. */
import { Decimal } from '#pkg/base';
import type { ListedSymbol } from '../market/symbols.ts';
import { bracketsOf, maintenanceOf } from './brackets.ts';

/** What a sale may fall short of the mark price, as a part of it, so that the rest is borne after it too. */
const SLIP = '0.002';

/**
 * Returns the least quantity to close, or undefined where no part is enough.
 *
 * The venue says that it reduces a position "without fully liquidating", and that small ones are almost always closed
 * whole because their maintenance ratio is below the liquidation fee: closing costs more than it frees. How large the
 * part is it does not say; assumed is the least that suffices at the mark price. Source: its help page "Liquidation
 * Protocols".
 */
export function liquidationPartOf(
  listed: ListedSymbol,
  position: {
    readonly amount: Decimal;
    readonly mark: Decimal;
    /** Fees on what is closed, as a part of its worth. */
    readonly fee: Decimal;
    /** What stands behind the position, its open profit included. */
    readonly margin: Decimal;
  },
): Decimal | undefined {
  const { amount, mark, margin } = position;
  const cost = position.fee.plus(SLIP);
  const worth = mark.times(amount);
  for (const { maintMarginRatio, cum, notionalFloor } of bracketsOf(listed).toReversed()) {
    if (worth.lte(notionalFloor) || cost.gte(maintMarginRatio)) continue;
    // margin - cost * closed = ratio * (worth - closed) - cum
    const closed = worth.times(maintMarginRatio).minus(cum).minus(margin);
    const closing = Decimal.max(0, closed.div(new Decimal(maintMarginRatio).minus(cost)));
    if (worth.minus(closing).lt(notionalFloor)) continue;
    const steps = closing.div(mark).div(listed.stepSize).floor().plus(1);
    const quantity = steps.times(listed.stepSize);
    if (quantity.gte(amount)) return undefined;
    const needed = maintenanceOf(listed, worth.minus(quantity.times(mark)));
    return margin.minus(quantity.times(mark).times(cost)).gt(needed) ? quantity : undefined;
  }
  return undefined;
}
