import { expect, test } from 'vitest';

import type { Candle } from '#pkg/domain';
import { countMissing } from './missing-candles.ts';

const HOUR = 3_600_000;
const NOW = 1_000 * HOUR + 60_000;
const OPTIONS = { timeframe: '1h', nowMs: NOW, wanted: 5 } as const;

/** Candles that closed so many hours back; 1 is the newest closed. */
function candles(...back: readonly number[]): readonly Candle[] {
  const prices = { open: 1, high: 1, low: 1, close: 1, volume: 1 };
  return back.map((hours) => ({ openAtMs: (1_000 - hours) * HOUR, ...prices }));
}

test('a whole history is not asked for again', () => {
  expect(countMissing(candles(5, 4, 3, 2, 1), OPTIONS)).toBe(0);
});

test('the newest closed candle alone costs the open one and itself', () => {
  expect(countMissing(candles(5, 4, 3, 2), OPTIONS)).toBe(2);
});

test('a hole in the middle is covered, and nothing before it', () => {
  expect(countMissing(candles(5, 4, 2, 1), OPTIONS)).toBe(4);
});

test('an empty history asks for all of it', () => {
  expect(countMissing([], OPTIONS)).toBe(6);
});
