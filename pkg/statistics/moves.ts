import { TIMEFRAME_MS, type Candle, type Timeframe } from '#pkg/domain';

/** Returns the newest `limit` candles that have closed by `nowMs`, oldest first; one for each open time. */
export function closedCandles(
  candles: readonly Candle[],
  options: { readonly timeframe: Timeframe; readonly nowMs: number; readonly limit: number },
): readonly Candle[] {
  const lengthMs = TIMEFRAME_MS[options.timeframe];
  const byTime = new Map<number, Candle>();
  for (const candle of candles) {
    if (candle.openAtMs + lengthMs <= options.nowMs) byTime.set(candle.openAtMs, candle);
  }
  const sorted = [...byTime.values()].toSorted((a, b) => a.openAtMs - b.openAtMs);
  return options.limit <= 0 ? [] : sorted.slice(-options.limit);
}

/** Returns close over previous close − 1, for each candle that follows directly on the one before it. */
export function movesOf(candles: readonly Candle[], timeframe: Timeframe): readonly number[] {
  return followers(candles, timeframe).map(({ candle, before }) => candle.close / before.close - 1);
}

export interface PairedMoves {
  readonly left: readonly number[];
  readonly right: readonly number[];
}

/**
 * Returns the moves of two series over the same candles, oldest first, from the newest `limit` common candles.
 *
 * A gap in either series costs the move across it in both: a move over two hours is not an hourly move.
 */
export function pairMoves(
  left: readonly Candle[],
  right: readonly Candle[],
  options: { readonly timeframe: Timeframe; readonly limit: number },
): PairedMoves {
  const others = new Map(right.map((candle) => [candle.openAtMs, candle]));
  const common = left
    .filter((candle) => others.has(candle.openAtMs))
    .toSorted((a, b) => a.openAtMs - b.openAtMs)
    .slice(-options.limit);
  const rightCommon = common.flatMap((candle) => others.get(candle.openAtMs) ?? []);
  return {
    left: movesOf(common, options.timeframe),
    right: movesOf(rightCommon, options.timeframe),
  };
}

function followers(candles: readonly Candle[], timeframe: Timeframe) {
  return candles.flatMap((candle, index) => {
    const before = candles[index - 1];
    const follows =
      before !== undefined && candle.openAtMs - before.openAtMs === TIMEFRAME_MS[timeframe];
    return follows && before.close > 0 ? [{ candle, before }] : [];
  });
}
