/**
 * market-data: symbols, candles and mark prices as the fleet keeps them.
 *
 * The price board is the newest mark of each symbol, shared through one Redis hash. It is not a history and
 * promises no freshness: whoever reads compares a mark's time with a limit of its own.
 */
export { createMemoryPriceBoard } from './memory-price-board.ts';
export { isMarkStale, MARK_STALE_MS, type PriceBoard } from './price-board.ts';
export { createRedisPriceBoard } from './redis-price-board.ts';
