import type { PriceRow, PriceStore } from '../stream-rows.ts';
import { orderBy } from './order-by.ts';

/** Returns prices in memory. */
export function createMemoryPriceStore(): PriceStore {
  const prices = new Map<string, PriceRow>();
  return {
    save: async (fresh) => {
      for (const row of fresh) {
        const standing = prices.get(row.symbol);
        if (standing === undefined || standing.atMs <= row.atMs) prices.set(row.symbol, row);
      }
    },
    list: async () => [...prices.values()].toSorted(orderBy((row) => row.symbol)),
  };
}
