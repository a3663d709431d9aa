import type { Direction, SymbolName } from '#pkg/domain';
import type { VenueOrder } from '#pkg/exchange';

/** Returns `Long BTCUSDT`. */
export function describePair({
  symbol,
  direction,
}: {
  readonly symbol: SymbolName;
  readonly direction: Direction;
}): string {
  return `${direction === 'long' ? 'Long' : 'Short'} ${symbol}`;
}

/** Returns `limit buy 0.3 BTCUSDT at 20000 (by-hand)`. */
export function describeOrder(order: VenueOrder): string {
  const { symbol, side, quantity, price, isConditional, clientOrderId } = order;
  const kind = isConditional ? 'conditional' : 'limit';
  const size = quantity.isZero() ? '' : ` ${quantity.toString()}`;
  return `${kind} ${side.toLowerCase()}${size} ${symbol} at ${price?.toString() ?? 'market'} (${clientOrderId})`;
}
