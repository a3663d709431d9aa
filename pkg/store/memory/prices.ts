import { price } from '#pkg/domain';
import type { PriceRow, PriceStore } from '../stream-rows.ts';
import { orderBy } from './order-by.ts';

/** Returns prices in memory. */
export function createMemoryPriceStore(): PriceStore {
  const prices = new Map<string, PriceRow>();
  return {
    save: async (ticks) => {
      for (const { symbol, mark, atMs } of ticks) {
        const standing = prices.get(symbol);
        if (standing !== undefined && standing.atMs > atMs) continue;
        prices.set(symbol, { symbol, price: price(mark), atMs });
      }
    },
    list: async () => [...prices.values()].toSorted(orderBy((row) => row.symbol)),
  };
}
