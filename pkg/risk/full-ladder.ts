import { Decimal } from '#pkg/base';
import {
  planPrices,
  type AccountSettings,
  type Direction,
  type LeverageBracket,
  type Notional,
  type Position,
  type Price,
  type Quantity,
  type TradedSymbol,
} from '#pkg/domain';

/** A position as it would stand with every rung filled. */
export interface FullLadder {
  readonly direction: Direction;
  readonly quantity: Quantity;
  readonly averagePrice: Price;
  readonly stopPrice: Price;
  /** What all its orders are worth at their own prices. */
  readonly worth: Notional;
  /** What is lost between the average price and the stop; fees and slippage not counted. */
  readonly stopLoss: Notional;
  readonly brackets: readonly LeverageBracket[];
}

/** Returns the ladder that follows from an entry; undefined when the venue would refuse a rung of it. */
export function fillLadder(
  { rules, brackets }: Pick<TradedSymbol, 'rules' | 'brackets'>,
  entry: {
    readonly direction: Direction;
    readonly settings: AccountSettings;
    readonly entryPrice: Price;
    readonly entryQuantity: Quantity;
  },
): FullLadder | undefined {
  const plan = planPrices(rules, entry);
  if (plan.kind === 'infeasible') return undefined;
  const { rungs, stopPrice } = plan.prices;
  let quantity: Decimal = entry.entryQuantity;
  let worth: Decimal = entry.entryQuantity.times(entry.entryPrice);
  for (const rung of rungs) {
    quantity = quantity.plus(rung.quantity);
    worth = worth.plus(rung.quantity.times(rung.price));
  }
  const averagePrice = worth.div(quantity) as Price;
  const lossEach =
    entry.direction === 'long' ? averagePrice.minus(stopPrice) : stopPrice.minus(averagePrice);
  return {
    direction: entry.direction,
    quantity: quantity as Quantity,
    averagePrice,
    stopPrice,
    worth: worth as Notional,
    stopLoss: Decimal.max(0, lossEach.times(quantity)) as Notional,
    brackets,
  };
}

/** Returns the ladder of a position that is open; undefined before its entry filled, when nothing is at risk yet. */
export function openLadder(
  symbol: Pick<TradedSymbol, 'rules' | 'brackets'>,
  position: Position,
): FullLadder | undefined {
  const { direction, settings, entryPrice, entryQuantity } = position;
  if (entryPrice === undefined || entryQuantity === undefined) return undefined;
  return fillLadder(symbol, { direction, settings, entryPrice, entryQuantity });
}
