import type { SymbolName } from '#pkg/domain';
import type { MarkTick } from '#pkg/exchange';

/** The newest mark of each symbol, in memory. */
export interface PriceBook {
  /** Takes what is newer than what it has; returns just that. */
  take(ticks: readonly MarkTick[]): readonly MarkTick[];
  readonly newest: ReadonlyMap<SymbolName, MarkTick>;
}

/**
 * Returns an empty book. An older mark never replaces a newer one: two sockets overlap at a renewal, and frames may be
 * delayed.
 */
export function createPriceBook(): PriceBook {
  const newest = new Map<SymbolName, MarkTick>();
  return {
    newest,
    take: (ticks) => {
      const fresh = ticks.filter((tick) => tick.atMs > (newest.get(tick.symbol)?.atMs ?? 0));
      for (const tick of fresh) newest.set(tick.symbol, tick);
      return fresh;
    },
  };
}
