import { TIMEFRAME_MS, type Candle, type Timeframe } from '#pkg/domain';

/**
 * Returns how many of the newest candles to ask for, so that the newest `wanted` closed ones are known: back to the
 * oldest hole, no further. 0 when none is missing.
 *
 * The candle that is open now is asked for with the others; alone it is not worth a request.
 */
export function countMissing(
  stored: readonly Candle[],
  options: { readonly timeframe: Timeframe; readonly nowMs: number; readonly wanted: number },
): number {
  const { timeframe, nowMs, wanted } = options;
  const lengthMs = TIMEFRAME_MS[timeframe];
  const openNowMs = Math.floor(nowMs / lengthMs) * lengthMs;
  const known = new Set(stored.map(({ openAtMs }) => openAtMs));
  for (let back = wanted; back >= 1; back -= 1) {
    if (!known.has(openNowMs - back * lengthMs)) return back + 1;
  }
  return 0;
}
