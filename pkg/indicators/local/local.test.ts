import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

import { id, type Candle, type SymbolName } from '#pkg/domain';
import { CALCULATIONS } from '../../exchange/simulated/taapi/calculations.ts';
import { randomCandles } from '../../../tests/harness/random-candles.ts';
import { recordedCandles } from '../../../tests/harness/recorded-candles.ts';
import type { IndicatorReading } from '../indicators.ts';
import { findDisagreement, seedRoom } from './compare-readings.ts';
import { computeReadings } from './compute-readings.ts';

const HOUR_MS = 3_600_000;
const BTC = id<SymbolName>('BTCUSDT');

interface Recorded {
  readonly symbol: string;
  readonly atMs: number;
  readonly candles: number;
  readonly 'ema-40': readonly number[];
  readonly 'ema-80': readonly number[];
  readonly 'ema-120': readonly number[];
  readonly chop: number;
  readonly pivot: number;
}

// How it was made stands at the head of compute.py beside it.
const RECORDED = JSON.parse(
  readFileSync(new URL('../../../tests/golden/indicators/recorded.json', import.meta.url), 'utf8'),
) as readonly Recorded[];

function valueOf(readings: readonly IndicatorReading[], indicator: string, name = 'value') {
  const found = readings.find(({ query }) => query.indicator === indicator);
  return found?.kind === 'read' ? (found.values[name] ?? []) : [];
}

test.each(RECORDED)('readings of $symbol at $atMs are those of Python', (expected) => {
  const { symbol, atMs } = expected;
  const candles = recordedCandles(symbol)
    .filter(({ openAtMs }) => openAtMs + HOUR_MS <= atMs)
    .slice(-expected.candles);
  const found = computeReadings(candles, {
    ...{ symbol: id<SymbolName>(symbol), timeframe: '1h', atMs, price: 1 },
  });
  for (const name of ['ema-40', 'ema-80', 'ema-120'] as const) {
    const [newest = 0, before = 0] = expected[name];
    const [own = 0, ownBefore = 0] = valueOf(found, name);
    expect(own / newest).toBeCloseTo(1, 12);
    expect(ownBefore / before).toBeCloseTo(1, 12);
  }
  expect(valueOf(found, 'chop')[0]).toBeCloseTo(expected.chop, 9);
  expect(valueOf(found, 'pivotpoints', 'p')[0]).toBeCloseTo(expected.pivot, 6);
});

/** What a provider says of candles, by the calculations of the simulated one. */
function provide(candles: readonly Candle[]): readonly IndicatorReading[] {
  const last = candles.at(-1)?.openAtMs ?? 0;
  const pick = (name: string, parameters: Readonly<Record<string, number>>) =>
    [-1, -2].map((at) => {
      const reading = CALCULATIONS.get(name)?.(candles, parameters).at(at);
      return Number(reading?.['value']);
    });
  const reading = (indicator: string, values: Record<string, readonly number[]>) =>
    ({
      kind: 'read',
      query: { symbol: BTC, timeframe: '1h', indicator },
      values,
      candleOpenAtMs: last,
    }) as IndicatorReading;
  return [
    ...[40, 80, 120].map((period) => reading(`ema-${period}`, { value: pick('ema', { period }) })),
    reading('chop', { value: pick('chop', { period: 14 }).slice(0, 1) }),
    {
      ...reading('candle-comparison', { close: [123, candles.at(-1)?.close ?? 0] }),
      candleOpenAtMs: last + HOUR_MS,
    } as IndicatorReading,
  ];
}

const CANDLES = randomCandles('parity', { count: 700, volatility: 0.01, drift: 0.0005 });
const AT_MS = (CANDLES.at(-1)?.openAtMs ?? 0) + HOUR_MS;
const own = (candles: readonly Candle[], atMs = AT_MS) =>
  computeReadings(candles, { symbol: BTC, timeframe: '1h', atMs, price: 100 });

describe('a provider and our own candles', () => {
  test('agree although their averages begin with different candles', () => {
    const ours = CANDLES.slice(-498);
    for (const length of [300, 301, 400, 499, 700]) {
      const theirs = provide(CANDLES.slice(-length));
      expect(findDisagreement(theirs, own(ours), ours)).toBeUndefined();
    }
  });

  test('the room for different beginnings is what is left of the seed, and shrinks with the period', () => {
    const ours = CANDLES.slice(-498);
    const mean = ours.reduce((sum, { close }) => sum + close, 0) / ours.length;
    expect(seedRoom(120, ours) / mean).toBeLessThan(0.05);
    expect(seedRoom(40, ours) / mean).toBeLessThan(0.000_1);
  });

  test.for<readonly [string, (candle: Candle, index: number) => Candle]>([
    ['in thousands', (candle) => scaled(candle, 1_000)],
    ['of another symbol', ({ openAtMs }, index) => ({ ...(OTHER[index] as Candle), openAtMs })],
    ['a candle late', (candle) => ({ ...candle, openAtMs: candle.openAtMs + HOUR_MS })],
    [
      'with one wrong close',
      (candle, at) => (at === 499 ? { ...candle, close: candle.close * 1.001 } : candle),
    ],
  ])('disagree where the provider counts %s, and it is said by how much', ([, change]) => {
    const ours = CANDLES.slice(-498);
    const changed = CANDLES.slice(-500).map((candle, index) => change(candle, index));
    const theirs = provide(changed.filter(({ openAtMs }) => openAtMs < AT_MS));
    expect(findDisagreement(theirs, own(ours), ours)).toMatch(
      /^[a-z0-9-]+ is [\d.e-]+ at the provider and [\d.e-]+ by the venue's candles\.$/u,
    );
  });

  test('are not compared where the last closed candle is not stored, or too few before it', () => {
    expect(own(CANDLES.slice(0, -1))).toEqual([]);
    expect(own(CANDLES.slice(-120))).toEqual([]);
    expect(own(CANDLES.filter((_, index) => index !== 600))).toEqual([]);
    expect(own(CANDLES.slice(-121))).toHaveLength(6);
  });

  test('are of the candle that had closed when the provider was asked, not of one that closed since', () => {
    const [, average] = own(CANDLES, AT_MS - 1);
    expect(average).toMatchObject({ candleOpenAtMs: AT_MS - 2 * HOUR_MS });
  });
});

const OTHER = randomCandles('another', { count: 500, volatility: 0.01, drift: 0 });

function scaled({ openAtMs, ...values }: Candle, factor: number): Candle {
  const { open, high, low, close, volume } = values;
  return {
    ...{ openAtMs, volume },
    ...{ open: open * factor, high: high * factor, low: low * factor, close: close * factor },
  };
}
