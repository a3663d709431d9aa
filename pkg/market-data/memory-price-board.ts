import { price, type SymbolName } from '#pkg/domain';
import type { MarkPrice } from '#pkg/exchange';

import type { PriceBoard } from './price-board.ts';

/** Returns a board that lives in this process; for tests and simulations. */
export function createMemoryPriceBoard(): PriceBoard {
  const prices = new Map<SymbolName, MarkPrice>();
  return {
    write: async (fresh) => {
      for (const { symbol, mark, atMs } of fresh) {
        prices.set(symbol, { symbol, price: price(mark), atMs });
      }
    },
    find: async (symbol) => prices.get(symbol),
    readAll: async () => new Map(prices),
  };
}
