import type { Reason } from '#pkg/base';
import { TIMEFRAME_MS, type Candle, type Timeframe } from '#pkg/domain';
import {
  pearson,
  rollingCorrelation,
  spearman,
  summarizeRolling,
  type RollingSummary,
} from './correlation.ts';
import { elasticity } from './elasticity.ts';
import { closedCandles, pairMoves } from './moves.ts';

/** The predecessor's windows (domain.md 8): 500 closes, rolled by 100 in steps of 10. */
const CANDLES = 500;
const ROLLING = { window: 100, step: 10 } as const;
const MOVES_MIN = 200;
/** The newest common candle may have closed this many timeframes ago. */
const AGE_MAX = 2;

export type SymbolMeasure =
  | {
      readonly kind: 'measured';
      /** How many moves were compared. */
      readonly moves: number;
      readonly pearson: number;
      readonly spearman: number;
      readonly rolling: RollingSummary;
      /** By how much the symbol moves when the reference rises (falls) by 1. */
      readonly elasticity: {
        readonly rising: number | undefined;
        readonly falling: number | undefined;
      };
    }
  | { readonly kind: 'unavailable'; readonly reason: Reason; readonly message: string };

/**
 * Measures how a symbol moves with a reference (BTC), over the newest 500 closed candles that both have.
 *
 * Too few or too old candles are a reason, never a number.
 */
export function measureSymbol(
  symbol: readonly Candle[],
  reference: readonly Candle[],
  options: { readonly timeframe: Timeframe; readonly nowMs: number },
): SymbolMeasure {
  const { timeframe, nowMs } = options;
  const closed = (candles: readonly Candle[]) =>
    closedCandles(candles, { timeframe, nowMs, limit: CANDLES });
  const [own, others] = [closed(symbol), closed(reference)];
  const newestMs = Math.min(own.at(-1)?.openAtMs ?? 0, others.at(-1)?.openAtMs ?? 0);
  const { left, right } = pairMoves(own, others, { timeframe, limit: CANDLES });
  if (left.length < MOVES_MIN) {
    return {
      kind: 'unavailable',
      reason: 'CandlesMissing',
      message: `${left.length} common moves are known and ${MOVES_MIN} are needed.`,
    };
  }
  if (nowMs - newestMs > (AGE_MAX + 1) * TIMEFRAME_MS[timeframe]) {
    return {
      kind: 'unavailable',
      reason: 'CandlesStale',
      message: `The newest common ${timeframe} candle opened ${Math.round((nowMs - newestMs) / 60_000)} minutes ago.`,
    };
  }
  const linear = pearson(left, right);
  const ranked = spearman(left, right);
  const rolling = summarizeRolling(rollingCorrelation(left, right, ROLLING));
  if (linear === undefined || ranked === undefined || rolling === undefined) {
    return {
      kind: 'unavailable',
      reason: 'CandlesMissing',
      message: 'One of the two never moved, so nothing can be compared.',
    };
  }
  return {
    kind: 'measured',
    moves: left.length,
    pearson: linear,
    spearman: ranked,
    rolling,
    elasticity: {
      rising: elasticity(left, right, 'rising'),
      falling: elasticity(left, right, 'falling'),
    },
  };
}
