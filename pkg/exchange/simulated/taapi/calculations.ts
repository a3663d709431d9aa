/**
 * Technical indicators over candles, oldest first; each series has one value (or none yet) for each candle.
 *
 * Averages are seeded with the simple mean of their first period, as TA-Lib does, which the provider uses.
 */
import type { Candle } from '#pkg/domain';

/** One value of each named output for one candle; undefined while there is too little history. */
export type Reading = Readonly<Record<string, number | string>> | undefined;
export type Calculation = (
  candles: readonly Candle[],
  parameters: Readonly<Record<string, number>>,
) => readonly Reading[];

type Series = readonly (number | undefined)[];

export function movingAverage(values: Series, period: number): Series {
  const averages: (number | undefined)[] = [];
  let average: number | undefined;
  const seed: number[] = [];
  for (const value of values) {
    if (value === undefined) {
      averages.push(undefined);
      continue;
    }
    if (average === undefined) {
      seed.push(value);
      if (seed.length === period) average = seed.reduce((sum, each) => sum + each, 0) / period;
    } else {
      average += ((value - average) * 2) / (period + 1);
    }
    averages.push(average);
  }
  return averages;
}

/** Wilder's smoothing: the first mean, then one part in `period` of each new value. */
function wilder(values: Series, period: number): Series {
  const smooth: (number | undefined)[] = [];
  let mean: number | undefined;
  const seed: number[] = [];
  for (const value of values) {
    if (value === undefined) {
      smooth.push(undefined);
      continue;
    }
    if (mean === undefined) {
      seed.push(value);
      if (seed.length === period) mean = seed.reduce((sum, each) => sum + each, 0) / period;
    } else {
      mean += (value - mean) / period;
    }
    smooth.push(mean);
  }
  return smooth;
}

function trueRanges(candles: readonly Candle[]): number[] {
  return candles.map((candle, index) => {
    const before = candles[index - 1]?.close ?? candle.open;
    return Math.max(
      candle.high - candle.low,
      Math.abs(candle.high - before),
      Math.abs(candle.low - before),
    );
  });
}

function valued(series: Series): readonly Reading[] {
  return series.map((value) => (value === undefined ? undefined : { value }));
}

const closesOf = (candles: readonly Candle[]): number[] => candles.map((candle) => candle.close);

const ema: Calculation = (candles, { period = 30 }) =>
  valued(movingAverage(closesOf(candles), period));

const macd: Calculation = (candles, parameters) => {
  const closes = closesOf(candles);
  const fast = movingAverage(closes, parameters['optInFastPeriod'] ?? 12);
  const slow = movingAverage(closes, parameters['optInSlowPeriod'] ?? 26);
  const line = slow.map((value, index) => {
    const other = fast[index];
    return value === undefined || other === undefined ? undefined : other - value;
  });
  const signal = movingAverage(line, parameters['optInSignalPeriod'] ?? 9);
  return line.map((value, index) => {
    const other = signal[index];
    if (value === undefined || other === undefined) return undefined;
    return { valueMACD: value, valueMACDSignal: other, valueMACDHist: value - other };
  });
};

const rsi: Calculation = (candles, { period = 14 }) => {
  const moves = candles.map((candle, index) => {
    const before = candles[index - 1];
    return before === undefined ? undefined : candle.close - before.close;
  });
  const part = (sign: 1 | -1): Series =>
    wilder(
      moves.map((move) => (move === undefined ? undefined : Math.max(0, sign * move))),
      period,
    );
  const gains = part(1);
  const losses = part(-1);
  return gains.map((gain, index) => {
    const loss = losses[index];
    if (gain === undefined || loss === undefined) return undefined;
    return { value: gain + loss === 0 ? 50 : (100 * gain) / (gain + loss) };
  });
};

/** Choppiness: 100 · log10(sum of true ranges ÷ whole range) ÷ log10(period). */
const chop: Calculation = (candles, { period = 14 }) => {
  const ranges = trueRanges(candles);
  return candles.map((_candle, index) => {
    if (index < period) return undefined;
    const window = candles.slice(index - period + 1, index + 1);
    const high = Math.max(...window.map((each) => each.high));
    const low = Math.min(...window.map((each) => each.low));
    const sum = ranges
      .slice(index - period + 1, index + 1)
      .reduce((total, each) => total + each, 0);
    return {
      value: high === low ? 100 : (100 * Math.log10(sum / (high - low))) / Math.log10(period),
    };
  });
};

/** Classic pivot points of the candle before. */
const pivotpoints: Calculation = (candles) =>
  candles.map((_candle, index) => {
    const before = candles[index - 1];
    if (before === undefined) return undefined;
    const { high, low, close } = before;
    const p = (high + low + close) / 3;
    return {
      r3: high + 2 * (p - low),
      r2: p + (high - low),
      r1: 2 * p - low,
      p,
      s1: 2 * p - high,
      s2: p - (high - low),
      s3: low - 2 * (high - p),
    };
  });

const atr: Calculation = (candles, { period = 14 }) => valued(wilder(trueRanges(candles), period));

const candle: Calculation = (candles) =>
  candles.map((each) => ({
    timestamp: Math.floor(each.openAtMs / 1000),
    open: each.open,
    high: each.high,
    low: each.low,
    close: each.close,
    volume: each.volume,
  }));

/** Names of the provider's indicators that are computed here. */
export const CALCULATIONS: ReadonlyMap<string, Calculation> = new Map([
  ['ema', ema],
  ['macd', macd],
  ['rsi', rsi],
  ['chop', chop],
  ['pivotpoints', pivotpoints],
  ['atr', atr],
  ['candle', candle],
]);
