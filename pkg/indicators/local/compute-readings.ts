import { EMA } from 'trading-signals';

import { mean } from '#pkg/statistics';
import { TIMEFRAME_MS, type Candle, type SymbolName, type Timeframe } from '#pkg/domain';

import type { IndicatorName, IndicatorReading } from '../indicators.ts';

const CHOP_PERIOD = 14;
const AVERAGES = { 'ema-40': 40, 'ema-80': 80, 'ema-120': 120 } as const;
/** Fewer give no value of the longest average and the one before it. */
const CANDLES_MIN = 121;

export interface ComputedAt {
  readonly symbol: SymbolName;
  readonly timeframe: Timeframe;
  /** As of when: candles that close later do not count. */
  readonly atMs: number;
  /** What the symbol costs now, where it is known; without it nothing is compared with the open candle. */
  readonly price: number | undefined;
}

/**
 * Returns the readings that a provider would give, computed from the venue's own closed candles, oldest first.
 *
 * Averages are exponential and seeded with the simple mean of their first period, as TA-Lib does; the window begins with
 * the oldest candle given. All are unavailable unless the candle that closed last is there, and no hole before it.
 */
export function computeReadings(
  candles: readonly Candle[],
  { symbol, timeframe, atMs, price }: ComputedAt,
): readonly IndicatorReading[] {
  const lengthMs = TIMEFRAME_MS[timeframe];
  const openMs = Math.floor(atMs / lengthMs) * lengthMs;
  const closed = unbroken(
    candles.filter(({ openAtMs }) => openAtMs < openMs),
    lengthMs,
  );
  const last = closed.at(-1);
  const queryOf = (indicator: IndicatorName) => ({ symbol, timeframe, indicator });
  const reading = (
    indicator: IndicatorName,
    values: Readonly<Record<string, readonly number[]>>,
    candleOpenAtMs: number,
  ): IndicatorReading => ({ kind: 'read', query: queryOf(indicator), values, candleOpenAtMs });
  if (last?.openAtMs !== openMs - lengthMs || closed.length < CANDLES_MIN) return [];
  return [
    ...(price === undefined
      ? []
      : [reading('candle-comparison', { close: [price, last.close] }, openMs)]),
    ...Object.entries(AVERAGES).map(([name, period]) =>
      reading(name as keyof typeof AVERAGES, { value: averagePair(closed, period) }, last.openAtMs),
    ),
    reading('chop', { value: [choppiness(closed)] }, last.openAtMs),
    reading('pivotpoints', pivotPoints(last), openMs),
  ];
}

/** The newest candles up to the newest hole. */
function unbroken(candles: readonly Candle[], lengthMs: number): readonly Candle[] {
  for (let index = candles.length - 1; index > 0; index -= 1) {
    const gapMs = (candles[index]?.openAtMs ?? 0) - (candles[index - 1]?.openAtMs ?? 0);
    if (gapMs !== lengthMs) return candles.slice(index);
  }
  return candles;
}

/** The newest average and the one before it. */
function averagePair(candles: readonly Candle[], period: number): readonly number[] {
  // The library seeds an average with its first value: the mean of the first period stands there.
  const average = new EMA(period);
  average.add(mean(candles.slice(0, period).map(({ close }) => close)));
  let [newest, before] = [0, 0];
  for (const { close } of candles.slice(period)) {
    before = newest;
    newest = average.add(close) ?? 0;
  }
  return [newest, before];
}

/** 100 × log10(sum of true ranges ÷ whole range) ÷ log10(period). */
function choppiness(candles: readonly Candle[]): number {
  const window = candles.slice(-CHOP_PERIOD);
  const sum = window.reduce((total, { high, low }, index) => {
    const before = candles[candles.length - window.length + index - 1]?.close ?? low;
    return total + Math.max(high, before) - Math.min(low, before);
  }, 0);
  const high = Math.max(...window.map((candle) => candle.high));
  const low = Math.min(...window.map((candle) => candle.low));
  return high > low ? (100 * Math.log10(sum / (high - low))) / Math.log10(CHOP_PERIOD) : 100;
}

/** Classic pivot points of a closed candle. */
function pivotPoints({ high, low, close }: Candle): Readonly<Record<string, readonly number[]>> {
  const p = (high + low + close) / 3;
  return {
    p: [p],
    ...{ r1: [2 * p - low], r2: [p + high - low], r3: [high + 2 * (p - low)] },
    ...{ s1: [2 * p - high], s2: [p - high + low], s3: [low - 2 * (high - p)] },
  };
}
