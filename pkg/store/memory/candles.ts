import type { Candle } from '#pkg/domain';
import type { CandleStore } from '../store.ts';
import { orderBy } from './order-by.ts';

/** Returns candles in memory. */
export function createMemoryCandleStore(): CandleStore {
  const series = new Map<string, Map<number, Candle>>();
  const sorted = (candles: ReadonlyMap<number, Candle> | undefined): readonly Candle[] =>
    [...(candles?.values() ?? [])].toSorted(orderBy((candle) => candle.openAtMs));
  return {
    save: async (symbol, timeframe, candles) => {
      const key = `${symbol} ${timeframe}`;
      const standing = series.get(key) ?? new Map<number, Candle>();
      for (const candle of candles) standing.set(candle.openAtMs, candle);
      series.set(key, standing);
    },
    list: async (symbol, timeframe, limit) =>
      limit <= 0 ? [] : sorted(series.get(`${symbol} ${timeframe}`)).slice(-limit),
    prune: async (keep) => {
      let removed = 0;
      for (const candles of series.values()) {
        const doomed = sorted(candles).slice(0, Math.max(0, candles.size - keep));
        for (const candle of doomed) candles.delete(candle.openAtMs);
        removed += doomed.length;
      }
      return removed;
    },
  };
}
