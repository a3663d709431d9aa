import { describe, expect, test } from 'vitest';

import { id, type SymbolName } from '#pkg/domain';
import type { IndicatorName } from '#pkg/indicators';
import { concludeDirection, planBulks, type RunReading } from './conclude-direction.ts';

const NOW_MS = Date.UTC(2026, 0, 2, 12, 30);
const HOUR_MS = 3_600_000;
const OPEN_MS = Date.UTC(2026, 0, 2, 12);
const symbol = id<SymbolName>('BTCUSDT');

type Values = Readonly<Record<string, readonly number[]>>;

const RISING: Readonly<Partial<Record<IndicatorName, Values>>> = {
  'candle-comparison': { close: [101, 100] },
  'ema-40': { value: [100.2, 100.1] },
  'ema-80': { value: [99.2, 99.1] },
  'ema-120': { value: [98.2, 98.1] },
  chop: { value: [40] },
  pivotpoints: { r1: [105], s1: [95] },
};

interface Taken {
  readonly candleOpenAtMs?: number | undefined;
  readonly readAtMs?: number;
}

function conclude(
  change: Readonly<Partial<Record<IndicatorName, Values | 'missing'>>> = {},
  takenOf: (indicator: IndicatorName) => Taken = () => ({}),
) {
  const readings = Object.entries({ ...RISING, ...change }).flatMap(
    ([name, values]): RunReading[] => {
      if (values === 'missing' || values === undefined) return [];
      const indicator = name as IndicatorName;
      const candleOpenAtMs = indicator === 'candle-comparison' ? OPEN_MS : OPEN_MS - HOUR_MS;
      const taken = { candleOpenAtMs, readAtMs: NOW_MS, ...takenOf(indicator) };
      const query = { symbol, timeframe: '1h', indicator } as const;
      return [
        {
          reading: { kind: 'read', query, values, candleOpenAtMs: taken.candleOpenAtMs },
          readAtMs: taken.readAtMs,
        },
      ];
    },
  );
  return concludeDirection(readings, '1h');
}

const FALLING = {
  'candle-comparison': { close: [99, 100] },
  'ema-40': { value: [1, 2] },
  'ema-80': { value: [1, 2] },
  'ema-120': { value: [1, 2] },
} as const;

describe('conclude a direction', () => {
  test('all voices up is long, all down is short', () => {
    expect(conclude()).toEqual({ kind: 'concluded', direction: 'long' });
    expect(conclude(FALLING)).toEqual({ kind: 'concluded', direction: 'short' });
  });

  test('equal values abstain and do not contradict', () => {
    expect(conclude({ 'ema-80': { value: [5, 5] } })).toMatchObject({ direction: 'long' });
  });

  test.each([
    ['one voice against', { 'candle-comparison': { close: [99, 100] } }, 'DirectionUnclear'],
    ['a choppy market', { chop: { value: [55] } }, 'DirectionUnclear'],
    ['a missing reading', { 'ema-120': 'missing' }, 'ReadingMissing'],
    ['a missing validation', { chop: 'missing' }, 'ReadingMissing'],
    ['one value where two are compared', { 'ema-40': { value: [5] } }, 'ReadingMissing'],
    ['a value that is no number', { chop: { value: [Number.NaN] } }, 'ReadingMissing'],
  ] as const)('%s gives no direction, and says why', (_what, change, reason) => {
    expect(conclude(change)).toMatchObject({ kind: 'unclear', reason });
  });

  test.for<readonly [string, IndicatorName, number | undefined]>([
    ['an average of the candle before the last', 'ema-40', OPEN_MS - 2 * HOUR_MS],
    ['an average of the open candle', 'ema-120', OPEN_MS],
    ['chop of tomorrow', 'chop', OPEN_MS + 24 * HOUR_MS],
    ['a comparison with the last closed candle', 'candle-comparison', OPEN_MS - HOUR_MS],
    ['a reading without a candle', 'ema-80', undefined],
  ])('%s is stale, whatever it says (incident 33)', ([, stale, candleOpenAtMs]) => {
    const found = conclude({}, (indicator) => (indicator === stale ? { candleOpenAtMs } : {}));
    expect(found).toMatchObject({ kind: 'unclear', reason: 'ReadingStale' });
    expect(found.kind === 'unclear' && found.message).toContain(stale);
  });

  test('pivot points may be of any day', () => {
    const old = (indicator: IndicatorName): Taken =>
      indicator === 'pivotpoints' ? { candleOpenAtMs: undefined } : {};
    expect(conclude({}, old).kind).toBe('concluded');
  });

  test('at the turn of the hour both candles are the last one for ten seconds', () => {
    const of = (readAtMs: number, candleOpenAtMs: number) =>
      conclude({}, (indicator) => ({
        readAtMs,
        candleOpenAtMs: candleOpenAtMs - (indicator === 'candle-comparison' ? 0 : HOUR_MS),
      })).kind;
    expect(of(OPEN_MS + 9_000, OPEN_MS)).toBe('concluded');
    expect(of(OPEN_MS + 9_000, OPEN_MS - HOUR_MS)).toBe('concluded');
    expect(of(OPEN_MS - 9_000, OPEN_MS)).toBe('concluded');
    expect(of(OPEN_MS + 11_000, OPEN_MS - HOUR_MS)).toBe('unclear');
    expect(of(OPEN_MS - 11_000, OPEN_MS)).toBe('unclear');
  });

  test('readings that were taken more than 300 s apart are not concluded together (incident 33)', () => {
    const at = (afterMs: number) =>
      conclude({}, (indicator) => (indicator === 'chop' ? { readAtMs: NOW_MS + afterMs } : {}));
    expect(at(300_000).kind).toBe('concluded');
    expect(at(300_001)).toMatchObject({ kind: 'unclear', reason: 'ReadingStale' });
    expect(at(-300_001)).toMatchObject({ kind: 'unclear', reason: 'ReadingStale' });
  });

  test('all silent is no direction', () => {
    const silent = { value: [1, 1] };
    const change = { 'ema-40': silent, 'ema-80': silent, 'ema-120': silent };
    expect(conclude({ ...change, 'candle-comparison': { close: [1, 1] } })).toMatchObject({
      reason: 'DirectionUnclear',
    });
  });

  test('a pass over 550 symbols asks for 20 calculations in every request', () => {
    const symbols = Array.from({ length: 550 }, (_, index) => id<SymbolName>(`S${index}`));
    const bulks = planBulks(symbols, 20);
    expect(bulks.map((bulk) => bulk.length)).toEqual(Array.from({ length: 165 }, () => 20));
    expect(new Set(bulks.flat().map(({ symbol }) => symbol)).size).toBe(550);
    expect(planBulks([], 20)).toEqual([]);
  });
});
