/**
 * The newest mark price of every symbol, shared by all boxes through one Redis hash.
 *
 * Written by the market stream on athena, read by every worker. A price is only as good as its age: readers
 * compare `atMs` with their own limit, and whoever shows one says when it is stale.
 */
import type { MarkPrice, MarkTick } from '#pkg/exchange';
import type { SymbolName } from '#pkg/domain';

/** The venue sends marks each second: one that is older than this is shown as stale. */
export const MARK_STALE_MS = 60_000;

/** True for a mark that is too old to be called the price. */
export function isMarkStale(mark: Pick<MarkPrice, 'atMs'>, nowMs: number): boolean {
  return nowMs - mark.atMs > MARK_STALE_MS;
}

export interface PriceBoard {
  write(ticks: readonly MarkTick[]): Promise<void>;
  find(symbol: SymbolName): Promise<MarkPrice | undefined>;
  readAll(): Promise<ReadonlyMap<SymbolName, MarkPrice>>;
}
