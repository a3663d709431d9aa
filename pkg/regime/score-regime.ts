import { TIMEFRAME_MS, type Candle, type SymbolName } from '#pkg/domain';
import { required, type Reason } from '#pkg/base';
import {
  closedCandles,
  mean,
  movesOf,
  pairMoves,
  pearson,
  populationDeviation,
} from '#pkg/statistics';

/** Hours of history that the parts need, and that the drawdown looks back at most (domain.md 9). */
const HOURS_MIN = 336;
const DRAWDOWN_HOURS = 500;
const DRAWDOWN_RATIO = 0.15;
const DRAWDOWN_SCORE = 60;
const CORRELATED_HOURS = 48;
const DAY = 24;
const POINTS = 20;
/** A gap or two is repaired within the hour; more of them make the figures those of another time. */
const HOURS_ABSENT_MAX = 12;

export interface RegimePart {
  readonly name: 'vol-expansion' | 'range-blowout' | 'correlation' | 'rejection' | 'volume';
  readonly value: number;
  readonly limit: number;
  /** Whether the value lies beyond the limit: 20 points. */
  readonly isMet: boolean;
}

export type RegimeScore =
  | {
      readonly kind: 'scored';
      /** 0 to 100, with the drawdown floor. */
      readonly score: number;
      readonly parts: readonly RegimePart[];
      /** How far the reference lies under its high of the newest 500 hours, a fraction from 0. */
      readonly drawdownRatio: number;
      readonly isFloored: boolean;
      /** When the newest candle that counted closed. */
      readonly candlesUntilMs: number;
    }
  | { readonly kind: 'unavailable'; readonly reason: Reason; readonly message: string };

export interface RegimeCandles {
  readonly symbol: SymbolName;
  readonly candles: readonly Candle[];
}

/**
 * Scores the market from hourly candles of a reference (BTC) and of the alts beside it.
 *
 * Every symbol must have the candle that closed last and nearly all of the 336 before; one that has not is named in a
 * reason. Volatility, range, rejection and volume are the reference's; the correlation is the mean of all pairs.
 */
export function scoreRegime(
  reference: RegimeCandles,
  alts: readonly RegimeCandles[],
  nowMs: number,
): RegimeScore {
  const lastOpenMs =
    Math.floor(nowMs / TIMEFRAME_MS['1h']) * TIMEFRAME_MS['1h'] - TIMEFRAME_MS['1h'];
  const series = [reference, ...alts].map(({ symbol, candles }) => ({
    symbol,
    candles: closedCandles(candles, { timeframe: '1h', nowMs, limit: DRAWDOWN_HOURS }),
  }));
  for (const { symbol, candles } of series) {
    const refusal = judgeHistory(symbol, candles, lastOpenMs);
    if (refusal !== undefined) return { kind: 'unavailable', ...refusal };
  }
  const own = series[0]?.candles ?? [];
  const correlation = meanCorrelation(series.map(({ candles }) => candles));
  if (correlation === undefined) {
    return {
      kind: 'unavailable',
      reason: 'CandlesMissing',
      message:
        'No two symbols moved within the last 48 hours, so nothing says how they do together.',
    };
  }
  const parts = measureParts(own.slice(-HOURS_MIN), correlation);
  const points = parts.filter(({ isMet }) => isMet).length * POINTS;
  const drawdownRatio = 1 - newest(own).close / Math.max(...own.map(({ high }) => high));
  const isFloored = drawdownRatio >= DRAWDOWN_RATIO && points < DRAWDOWN_SCORE;
  return {
    kind: 'scored',
    score: isFloored ? DRAWDOWN_SCORE : points,
    parts,
    drawdownRatio,
    isFloored,
    candlesUntilMs: lastOpenMs + TIMEFRAME_MS['1h'],
  };
}

function judgeHistory(
  symbol: SymbolName,
  candles: readonly Candle[],
  lastOpenMs: number,
): { readonly reason: Reason; readonly message: string } | undefined {
  if (candles.length < HOURS_MIN) {
    const message = `${candles.length} hourly candles of ${symbol} are known and ${HOURS_MIN} are needed.`;
    return { reason: 'CandlesMissing', message };
  }
  if (newest(candles).openAtMs !== lastOpenMs) {
    return {
      reason: 'CandlesStale',
      message: `The hourly candle of ${symbol} that closed last is not known.`,
    };
  }
  const firstMs = candles.at(-HOURS_MIN)?.openAtMs ?? 0;
  const absent = (lastOpenMs - firstMs) / TIMEFRAME_MS['1h'] + 1 - HOURS_MIN;
  if (absent > HOURS_ABSENT_MAX) {
    const message = `${absent} of the newest hourly candles of ${symbol} are absent.`;
    return { reason: 'CandlesMissing', message };
  }
  return undefined;
}

function measureParts(candles: readonly Candle[], correlation: number): readonly RegimePart[] {
  const moves = movesOf(candles, '1h');
  const days = Array.from({ length: HOURS_MIN / DAY }, (_, day) =>
    candles.slice(day * DAY, (day + 1) * DAY),
  );
  const ranges = days.map(rangeOf);
  const volumes = days.map((day) => day.reduce((sum, { volume }) => sum + volume, 0));
  const high = Math.max(...candles.map((candle) => candle.high));
  return [
    above(
      'vol-expansion',
      ratio(populationDeviation(moves.slice(-DAY)), populationDeviation(moves)),
      1.3,
    ),
    above('range-blowout', ratio(ranges.at(-1) ?? 0, mean(ranges)), 1.5),
    above('correlation', correlation, 0.7),
    below('rejection', newest(candles).close / high - 1, -0.05),
    above('volume', ratio(volumes.at(-1) ?? 0, mean(volumes)), 1.2),
  ];
}

/** Nothing over nothing is as usual. */
function ratio(now: number, usual: number): number {
  return usual > 0 ? now / usual : 1;
}

function above(name: RegimePart['name'], value: number, limit: number): RegimePart {
  return { name, value, limit, isMet: value > limit };
}

function below(name: RegimePart['name'], value: number, limit: number): RegimePart {
  return { name, value, limit, isMet: value < limit };
}

/** High over low − 1, free of the price's level. */
function rangeOf(candles: readonly Candle[]): number {
  const high = Math.max(...candles.map((candle) => candle.high));
  return high / Math.min(...candles.map((candle) => candle.low)) - 1;
}

/** Pearson's of the moves of 48 hours, over all pairs that moved. */
function meanCorrelation(series: readonly (readonly Candle[])[]): number | undefined {
  const found = series.flatMap((left, index) =>
    series.slice(index + 1).flatMap((right) => {
      const pairs = pairMoves(left, right, { timeframe: '1h', limit: CORRELATED_HOURS + 1 });
      return pearson(pairs.left, pairs.right) ?? [];
    }),
  );
  return found.length === 0 ? undefined : mean(found);
}

function newest(candles: readonly Candle[]): Candle {
  return required(candles.at(-1), 'A history that was judged has a newest candle.');
}
