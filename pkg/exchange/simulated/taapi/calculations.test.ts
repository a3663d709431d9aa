import type { Candle } from '#pkg/domain';
import { describe, expect, test } from 'vitest';
import { CALCULATIONS, movingAverage } from './calculations.ts';

const candle = (index: number, high: number, low: number, close: number): Candle => ({
  openAtMs: index * 3_600_000,
  open: close,
  high,
  low,
  close,
  volume: 1,
});
const last = (name: string, candles: readonly Candle[], parameters = {}): unknown =>
  CALCULATIONS.get(name)?.(candles, parameters).at(-1);

describe('averages', () => {
  test('the first value is the mean of the first period, as TA-Lib seeds it', () => {
    expect(movingAverage([1, 2, 3, 4, 5], 3)).toEqual([undefined, undefined, 2, 3, 4]);
  });

  test('too little history gives nothing', () => {
    expect(last('ema', [candle(0, 1, 1, 1)], { period: 40 })).toBeUndefined();
  });
});

test('classic pivot points come from the candle before', () => {
  const candles = [candle(0, 110, 90, 100), candle(1, 999, 1, 500)];
  expect(last('pivotpoints', candles)).toEqual({
    r3: 130,
    r2: 120,
    r1: 110,
    p: 100,
    s1: 90,
    s2: 80,
    s3: 70,
  });
});

describe('choppiness', () => {
  test('a straight climb is not choppy, a market that goes nowhere is', () => {
    const climb = Array.from({ length: 30 }, (_, at) => candle(at, at + 1, at, at + 1));
    const idle = Array.from({ length: 30 }, (_, at) =>
      candle(at, 101, 99, at % 2 === 0 ? 99.1 : 100.9),
    );
    expect(last('chop', climb)).toEqual({ value: 0 });
    expect((last('chop', idle) as { value: number }).value).toBeGreaterThan(90);
  });
});

test('a rising series has an RSI of 100', () => {
  const climb = Array.from({ length: 30 }, (_, at) => candle(at, at + 1, at, at + 1));
  expect(last('rsi', climb)).toEqual({ value: 100 });
});
