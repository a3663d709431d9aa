import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { id, notional, type Candle, type SymbolName } from '#pkg/domain';
import { readKlines } from '#pkg/market-data';
import {
  bandOf,
  crowdingMarginFactor,
  decideOpening,
  effectsOf,
  nextCooldown,
  scoreRegime,
} from './index.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const HOUR_MS = 3_600_000;

// How it was made stands at the head of compute.py beside it.
const RECORDED = JSON.parse(
  readFileSync(`${ROOT}tests/golden/regime/recorded.json`, 'utf8'),
) as readonly {
  readonly nowMs: number;
  readonly values: readonly number[];
  readonly drawdownRatio: number;
  readonly score: number;
}[];

function recorded(name: string) {
  const candles = readKlines(`${ROOT}data`, { symbol: name, timeframe: '1h' });
  return { symbol: id<SymbolName>(name), candles: candles.flatMap((series) => series.candles) };
}
const [btc, eth] = [recorded('BTCUSDT'), recorded('ETHUSDT')];

test('scores over the recorded half-year are those of Python', () => {
  const scores = new Set<number>();
  for (const { nowMs, values, drawdownRatio, score } of RECORDED) {
    const found = scoreRegime(btc, [eth], nowMs);
    if (found.kind === 'unavailable') throw new Error(`${nowMs}: ${found.message}`);
    for (const [index, part] of found.parts.entries()) {
      expect(part.value, `${part.name} at ${nowMs}`).toBeCloseTo(values[index] ?? 0, 9);
    }
    expect(found.drawdownRatio).toBeCloseTo(drawdownRatio, 9);
    expect(found.score, `score at ${nowMs}`).toBe(score);
    scores.add(found.score);
  }
  // The half-year had calm days and crashes.
  expect([...scores].toSorted((a, b) => a - b)).toEqual([0, 20, 40, 60, 80, 100]);
});

test('a fall of 15 % under the high lifts a calm score to 60', () => {
  const floored = RECORDED.map(({ nowMs }) => scoreRegime(btc, [eth], nowMs)).filter(
    (found) => found.kind === 'scored' && found.isFloored,
  );
  expect(floored.length).toBeGreaterThan(0);
  for (const found of floored) expect(found).toMatchObject({ score: 60 });
});

const NOW_MS = RECORDED.at(-1)?.nowMs ?? 0;
const without = (series: typeof btc, isAbsent: (candle: Candle) => boolean) => ({
  symbol: series.symbol,
  candles: series.candles.filter((candle) => !isAbsent(candle)),
});

test('candles that are missing, old or full of holes are a reason that names the symbol', () => {
  const isLast = ({ openAtMs }: Candle) => openAtMs === NOW_MS - HOUR_MS;
  const isEven = ({ openAtMs }: Candle) => (openAtMs / HOUR_MS) % 2 === 0;
  expect(scoreRegime(btc, [eth], NOW_MS)).toMatchObject({ kind: 'scored', candlesUntilMs: NOW_MS });
  expect(scoreRegime(btc, [without(eth, isLast)], NOW_MS)).toMatchObject({
    kind: 'unavailable',
    reason: 'CandlesStale',
    message: expect.stringContaining('ETHUSDT') as string,
  });
  expect(scoreRegime(without(btc, isLast), [eth], NOW_MS)).toMatchObject({
    reason: 'CandlesStale',
  });
  expect(scoreRegime(without(btc, isEven), [eth], NOW_MS - HOUR_MS)).toHaveProperty('reason');
  expect(scoreRegime(btc, [{ symbol: eth.symbol, candles: [] }], NOW_MS)).toMatchObject({
    reason: 'CandlesMissing',
  });
});

test('a day of holes within the two weeks is too many, though older candles make up the number', () => {
  const isHole = ({ openAtMs }: Candle) => {
    const hoursAgo = (NOW_MS - openAtMs) / HOUR_MS;
    return hoursAgo > 100 && hoursAgo <= 124;
  };
  expect(scoreRegime(without(btc, isHole), [eth], NOW_MS)).toMatchObject({
    reason: 'CandlesMissing',
    message: expect.stringContaining('absent') as string,
  });
});

test('a candle that is still open does not count', () => {
  const open = { openAtMs: NOW_MS, open: 1, high: 1e9, low: 1, close: 1, volume: 1e9 };
  const closed = without(btc, ({ openAtMs }) => openAtMs >= NOW_MS);
  const withOpen = { ...closed, candles: [...closed.candles, open] };
  expect(scoreRegime(withOpen, [eth], NOW_MS + 1)).toEqual(scoreRegime(btc, [eth], NOW_MS));
});

test.each([
  [0, 'calm', 1, 1, 1],
  [39, 'calm', 1, 1, 1],
  [40, 'elevated', 0.66, 0.75, 1],
  [59, 'elevated', 0.66, 0.75, 1],
  [60, 'fragile', 0.5, 0.5, 1],
  [79, 'fragile', 0.5, 0.5, 0.5],
  [80, 'critical', 0, 0, 0],
  [100, 'critical', 0, 0, 0],
])('a score of %d is %s', (score, band, leverageFactor, slotFactor, marginFactor) => {
  expect(bandOf(score)).toBe(band);
  expect(effectsOf(score)).toEqual({ band, leverageFactor, slotFactor, marginFactor });
});

test('a higher score never allows more', () => {
  const scores = fc.integer({ min: 0, max: 100 });
  fc.assert(
    fc.property(scores, scores, (one, other) => {
      const [low, high] = [effectsOf(Math.min(one, other)), effectsOf(Math.max(one, other))];
      expect(high.leverageFactor).toBeLessThanOrEqual(low.leverageFactor);
      expect(high.slotFactor).toBeLessThanOrEqual(low.slotFactor);
      expect(high.marginFactor).toBeLessThanOrEqual(low.marginFactor);
    }),
  );
});

test.each([
  [0, 0, 1],
  [69, 31, 1],
  [70, 30, 1],
  [85, 15, 0.75],
  [100, 0, 0.5],
  [0, 100, 1],
])('with %d long and %d short a new long gets %d of its margin', (long, short, factor) => {
  const open = { long: notional(long), short: notional(short) };
  expect(crowdingMarginFactor(open, 'long')).toBeCloseTo(factor, 12);
});

const CALM = {
  score: { score: 20, candlesUntilMs: NOW_MS },
  cooldown: { untilMs: undefined },
  breaker: { shocks: 0, untilMs: undefined },
  shock: {
    kind: 'calm',
    figures: { btcQuarter: 0, btcHour: 0, altsHour: 0, correlation: 0 },
  },
  nowMs: NOW_MS + 60_000,
} as const;

test('a fresh calm score allows openings', () => {
  expect(decideOpening(CALM)).toEqual({ kind: 'allowed', score: 20, effects: effectsOf(20) });
});

test.each([
  ['no score', { score: undefined }, 'RegimeStale'],
  ['a score of 1 h 56 min', { nowMs: NOW_MS + 6_900_001 }, 'RegimeStale'],
  ['a score of a week', { nowMs: NOW_MS + 168 * HOUR_MS }, 'RegimeStale'],
  ['a score from the future', { nowMs: NOW_MS - 1 }, 'RegimeStale'],
  ['a score of 80', { score: { score: 80, candlesUntilMs: NOW_MS } }, 'RegimeCritical'],
  ['a cooldown', { cooldown: { untilMs: NOW_MS + HOUR_MS } }, 'RegimeCooldown'],
  ['a tripped breaker', { breaker: { shocks: 2, untilMs: NOW_MS + HOUR_MS } }, 'MarketShock'],
  [
    'a breaker that sees nothing',
    { shock: { kind: 'unknown', reason: 'MarkSamplesMissing', message: 'No marks.' } },
    'MarkSamplesMissing',
  ],
] as const)('%s allows no opening, with its reason', (_, facts, reason) => {
  expect(decideOpening({ ...CALM, ...facts })).toMatchObject({ kind: 'refused', reason });
});

test('a cooldown is armed at 80, again while the score stays, and ends once', () => {
  const scored = (score: number) => ({ kind: 'scored', score }) as const;
  const armed = nextCooldown({ untilMs: undefined }, scored(80), { nowMs: NOW_MS });
  expect(armed).toEqual({ untilMs: NOW_MS + 4 * HOUR_MS });
  const later = NOW_MS + HOUR_MS;
  expect(nextCooldown(armed, scored(60), { nowMs: later })).toEqual(armed);
  expect(nextCooldown(armed, { kind: 'unavailable' }, { nowMs: later })).toEqual(armed);
  expect(nextCooldown(armed, scored(100), { nowMs: later, hours: 24 })).toEqual({
    untilMs: later + 24 * HOUR_MS,
  });
  // A shorter setting does not shorten what was armed.
  expect(nextCooldown(armed, scored(80), { nowMs: NOW_MS, hours: 1 })).toEqual(armed);
  const passed = nextCooldown(armed, scored(0), { nowMs: NOW_MS + 4 * HOUR_MS });
  expect(passed).toEqual({ untilMs: undefined });
});
