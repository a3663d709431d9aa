/**
 * market-data: symbols, candles and mark prices as the fleet keeps them.
 *
 * The price board is the newest mark of each symbol, shared through one Redis hash. It is not a history and
 * promises no freshness: whoever reads compares a mark's time with a limit of its own. Files of klines, the recorded
 * ones of `data/` and those of the venue's public archive, are read whole or refused with file and line.
 */
export { KlineFileError, readKlines, type KlineSeries } from './klines/kline-folder.ts';
export { parseKlines, type KlineMistake, type ParsedKlines } from './klines/parse-klines.ts';
export { createMemoryPriceBoard } from './memory-price-board.ts';
export { isMarkStale, MARK_STALE_MS, type PriceBoard } from './price-board.ts';
export { createRedisPriceBoard } from './redis-price-board.ts';
