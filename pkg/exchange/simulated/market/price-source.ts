/**
 * Where prices come from: a source answers for every instant of market time, and for the hours before it began.
 *
 * The market does not ask which one it has: a lively one for demonstrations, one of seeded regimes, or the
 * replay of recorded candles.
 */
import type { Candle } from '#pkg/domain';
import { createHourlyHistory } from './candle-history.ts';
import { createPricePath } from './price-path.ts';
import { readRecording } from './recorded-candles.ts';
import type { ListedSymbol } from './symbols.ts';

export interface PriceSource {
  /** Price at `marketMs` since the market began; not rounded to ticks. */
  priceAt(symbolIndex: number, marketMs: number): number;
  /** Hourly candles from before the market began, oldest first; the last closes at `endAtMs`, a whole hour. */
  historyOf(symbolIndex: number, endAtMs: number): readonly Candle[];
  /** How far the crowd leans to one side, as a part of the price: it shows in the premium and so in funding. */
  leanAt(symbolIndex: number, marketMs: number): number;
}

/** Small moves, and a shock for each symbol every 48 seconds: a fleet sees everything within minutes. */
export function createLivelySource(
  seed: number | string,
  listed: readonly ListedSymbol[],
): PriceSource {
  const recording = readRecording();
  const path = createPricePath(recording, seed, listed);
  return {
    priceAt: (symbolIndex, marketMs) => path.priceAt(symbolIndex, marketMs),
    historyOf: (symbolIndex, endAtMs) =>
      createHourlyHistory({ recording, path, seed, listed }, symbolIndex, endAtMs),
    leanAt: () => 0,
  };
}
