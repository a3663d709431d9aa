import type { Candle, SymbolName, Timeframe } from '#pkg/domain';
import { computeReadings, type IndicatorReading } from '#pkg/indicators';
import type { PriceBoard } from '#pkg/market-data';
import type { Store } from '#pkg/store';

import { CANDLES_WANTED } from './read-candles.ts';

/** The second source of readings: what is computed from the venue's own candles, and those candles. */
export interface OwnReadings {
  readonly readings: readonly IndicatorReading[];
  readonly candles: readonly Candle[];
}

export type ReadOwn = (
  symbol: SymbolName,
  timeframe: Timeframe,
  atMs: number,
) => Promise<OwnReadings>;

/** Returns the second source over stored candles; a symbol whose last closed candle is not stored has no readings. */
export function createReadOwn({
  store,
  prices,
}: {
  readonly store: Pick<Store, 'candles'>;
  readonly prices: Pick<PriceBoard, 'find'>;
}): ReadOwn {
  return async (symbol, timeframe, atMs) => {
    const [candles, mark] = await Promise.all([
      store.candles.list(symbol, timeframe, CANDLES_WANTED),
      prices.find(symbol),
    ]);
    const price = mark?.price.toNumber();
    return { candles, readings: computeReadings(candles, { symbol, timeframe, atMs, price }) };
  };
}
