/**
 * The newest mark price of every symbol, shared by all boxes through one Redis hash.
 *
 * Written by the market stream on athena, read by every worker. A price is only as good as its age: readers
 * compare `atMs` with their own limit.
 */
import type { MarkPrice } from '#pkg/exchange';
import type { SymbolName } from '#pkg/domain';

export interface PriceBoard {
  write(prices: readonly MarkPrice[]): Promise<void>;
  find(symbol: SymbolName): Promise<MarkPrice | undefined>;
  readAll(): Promise<ReadonlyMap<SymbolName, MarkPrice>>;
}
