import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createSeededRandom } from '#pkg/base';
import type { Candle } from '#pkg/domain';
import { readKlines } from '#pkg/market-data';
import { elasticity, measureSymbol, pairMoves, pearson, rankWithTies, spearman } from './index.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const HOUR_MS = 3_600_000;

interface Recorded {
  readonly nowMs: number;
  readonly moves: number;
  readonly pearson: number;
  readonly spearman: number;
  readonly rolling: Readonly<Record<string, number>>;
  readonly elasticity: Readonly<Record<string, number>>;
  readonly spearmanOfMovesRoundedTo4PerMille: number;
}

// How it was made stands at the head of compute.py beside it.
const RECORDED = JSON.parse(
  readFileSync(`${ROOT}tests/golden/statistics/recorded.json`, 'utf8'),
) as readonly Recorded[];

function recordedCandles(symbol: string): readonly Candle[] {
  return readKlines(`${ROOT}data`, { symbol, timeframe: '1h' }).flatMap(({ candles }) => candles);
}
const [btc, eth] = [recordedCandles('BTCUSDT'), recordedCandles('ETHUSDT')];

test.each(RECORDED)('figures of ETH against BTC at $nowMs are those of Python', (expected) => {
  const { nowMs } = expected;
  const found = measureSymbol(eth, btc, { timeframe: '1h', nowMs });
  if (found.kind === 'unavailable') throw new Error(found.message);
  expect(found.moves).toBe(expected.moves);
  expect(found.pearson).toBeCloseTo(expected.pearson, 12);
  expect(found.spearman).toBeCloseTo(expected.spearman, 12);
  for (const [name, value] of Object.entries(expected.rolling)) {
    expect(found.rolling, name).toHaveProperty(name, expect.closeTo(value, 12));
  }
  expect(found.elasticity.rising).toBeCloseTo(expected.elasticity['rising'] ?? 0, 12);
  expect(found.elasticity.falling).toBeCloseTo(expected.elasticity['falling'] ?? 0, 12);
  // Rounded so coarsely that most moves are ties.
  const newest = (candles: readonly Candle[]) =>
    candles.filter(({ openAtMs }) => openAtMs < nowMs).slice(-500);
  const pairs = pairMoves(newest(eth), newest(btc), { timeframe: '1h', limit: 500 });
  const coarse = (values: readonly number[]) => values.map((value) => Math.round(value * 250));
  expect(new Set(coarse(pairs.left)).size).toBeLessThan(50);
  expect(spearman(coarse(pairs.left), coarse(pairs.right))).toBeCloseTo(
    expected.spearmanOfMovesRoundedTo4PerMille,
    12,
  );
});

test('of more candles than are used, the oldest do not count', () => {
  const nowMs = RECORDED[2]?.nowMs ?? 0;
  const options = { timeframe: '1h', nowMs } as const;
  const before = btc.filter(({ openAtMs }) => openAtMs < nowMs);
  const spoiled = before.map((candle, index) =>
    index < before.length - 500 ? { ...candle, close: index % 2 === 0 ? 1 : 1_000_000 } : candle,
  );
  expect(measureSymbol(eth, spoiled, options)).toEqual(measureSymbol(eth, btc, options));
  expect(measureSymbol(eth, spoiled.toReversed(), options)).toEqual(
    measureSymbol(eth, btc, options),
  );
});

test('old candles and few candles are a reason', () => {
  const newestMs = Math.min(btc.at(-1)?.openAtMs ?? 0, eth.at(-1)?.openAtMs ?? 0);
  const measure = (nowMs: number, candles = eth) =>
    measureSymbol(candles, btc, { timeframe: '1h', nowMs });
  expect(measure(newestMs + HOUR_MS)).toMatchObject({ kind: 'measured' });
  expect(measure(newestMs + 3 * HOUR_MS + 1)).toMatchObject({ reason: 'CandlesStale' });
  expect(measure(newestMs + HOUR_MS, eth.slice(-150))).toMatchObject({ reason: 'CandlesMissing' });
});

function walk(seed: string, drift: number): readonly Candle[] {
  const random = createSeededRandom(seed);
  let close = 100;
  return Array.from({ length: 501 }, (_, hour) => {
    close *= 1 + drift + (random.integer(1_000_000) / 1_000_000 - 0.5) * 0.01;
    const values = { open: close, high: close, low: close, close, volume: 1 };
    return { openAtMs: hour * HOUR_MS, ...values };
  });
}

test('two series that only share a trend look related by their prices and are not by their moves', () => {
  const [left, right] = [walk('left', 0.002), walk('right', 0.002)];
  const levels = pearson(
    left.map(({ close }) => close),
    right.map(({ close }) => close),
  );
  const pairs = pairMoves(left, right, { timeframe: '1h', limit: 500 });
  expect(levels).toBeGreaterThan(0.95);
  expect(Math.abs(pearson(pairs.left, pairs.right) ?? 1)).toBeLessThan(0.15);
});

test('a move across a gap is no move', () => {
  const candles = walk('gap', 0).filter((_, hour) => hour !== 10 && hour !== 20);
  const pairs = pairMoves(candles, walk('whole', 0), { timeframe: '1h', limit: 501 });
  expect(pairs.left).toHaveLength(500 - 4);
  expect(pairs.right).toHaveLength(500 - 4);
});

const numbers = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 2, maxLength: 40 });

test('a rank is one more than how many are smaller, plus half of how many others are equal', () => {
  fc.assert(
    fc.property(numbers, (values) => {
      const counted = values.map((value) => {
        const smaller = values.filter((other) => other < value).length;
        const equal = values.filter((other) => other === value).length;
        return smaller + (equal + 1) / 2;
      });
      expect(rankWithTies(values)).toEqual(counted);
    }),
  );
});

test('correlation lies within ±1, knows no scale, and is undefined where a side never moves', () => {
  fc.assert(
    fc.property(numbers, fc.double({ min: 0.01, max: 100, noNaN: true }), (values, scale) => {
      const other = values.map((value, index) => value * scale + (index % 3));
      const found = pearson(values, other);
      if (new Set(values).size === 1 || new Set(other).size === 1) {
        expect(found).toBeUndefined();
        return;
      }
      expect(Math.abs(found ?? 2)).toBeLessThanOrEqual(1);
      const flipped = values.map((value) => -3 * value);
      expect(pearson(flipped, other)).toBeCloseTo(-(found ?? 0), 9);
    }),
  );
  expect(pearson([0.1, 0.1, 0.1], [1, 2, 3])).toBeUndefined();
});

test('a third of the moves may be nonsense, and tiny ones infinite, without moving the elasticity', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -5, max: 5, noNaN: true }),
      fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 30, maxLength: 30 }),
      (slope, noise) => {
        const reference: number[] = [];
        const moves: number[] = [];
        for (let index = 0; index < 90; index += 1) {
          const isTiny = index % 9 === 0;
          const isNonsense = index % 3 === 0;
          reference.push(isTiny ? Number.MIN_VALUE : 0.01);
          moves.push(isNonsense ? (noise[index / 3] ?? 0) : slope * 0.01);
        }
        expect(elasticity(moves, reference, 'rising')).toBeCloseTo(slope, 9);
        const falling = reference.map((move) => -move);
        expect(elasticity(moves, falling, 'rising')).toBeUndefined();
        expect(elasticity(moves, falling, 'falling')).toBeCloseTo(-slope, 9);
      },
    ),
    { numRuns: 50 },
  );
});
