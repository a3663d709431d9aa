import type { Candle, Timeframe } from '#pkg/domain';

const CANDLES_USED = 24;
/** A direction that needed a longer timeframe is worth a little less. */
const TIMEFRAME_WEIGHT: Readonly<Record<Timeframe, number>> = { '1h': 1, '4h': 0.9, '1d': 0.8 };

/**
 * Scores a symbol for a slot: how much it moved in an hour, on average, over its newest day of 1h candles.
 *
 * A ladder earns from movement; a symbol without candles scores zero and comes last. Higher is better.
 */
export function scoreCandidate(
  candles: readonly Candle[],
  timeframe: Timeframe | undefined,
): number {
  const newest = candles.slice(-CANDLES_USED);
  const moves = newest
    .filter((candle) => candle.open > 0)
    .map((candle) => Math.abs(candle.close / candle.open - 1));
  if (moves.length === 0) return 0;
  const meanMove = moves.reduce((sum, move) => sum + move, 0) / moves.length;
  return meanMove * TIMEFRAME_WEIGHT[timeframe ?? '1d'];
}
