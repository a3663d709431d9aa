import type { SymbolName } from '#pkg/domain';
import type { MarkPrice } from '#pkg/exchange';

/** The newest mark of each symbol, in memory. */
export interface PriceBook {
  /** Takes what is newer than what it has; returns just that. */
  take(prices: readonly MarkPrice[]): readonly MarkPrice[];
  readonly newest: ReadonlyMap<SymbolName, MarkPrice>;
}

/**
 * Returns an empty book. An older mark never replaces a newer one: two sockets overlap at a renewal, and frames may be
 * delayed.
 */
export function createPriceBook(): PriceBook {
  const newest = new Map<SymbolName, MarkPrice>();
  return {
    newest,
    take: (prices) => {
      const fresh = prices.filter((mark) => mark.atMs > (newest.get(mark.symbol)?.atMs ?? 0));
      for (const mark of fresh) newest.set(mark.symbol, mark);
      return fresh;
    },
  };
}
