import { describe, expect, test } from 'vitest';

import { id, type SymbolName } from '#pkg/domain';
import type { IndicatorName, IndicatorReading } from '#pkg/indicators';
import { areOfOneRun, concludeDirection, planBulks } from './conclude-direction.ts';

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

function conclude(
  change: Readonly<Partial<Record<IndicatorName, Values | 'missing'>>> = {},
  candleOpenAtMs: number | undefined = OPEN_MS,
) {
  const all = { ...RISING, ...change };
  const readings = Object.entries(all).map(([name, values]): IndicatorReading => {
    const query = { symbol, timeframe: '1h', indicator: name as IndicatorName } as const;
    return values === 'missing' || values === undefined
      ? { kind: 'unavailable', query, message: 'no candles' }
      : { kind: 'read', query, values, candleOpenAtMs };
  });
  return concludeDirection(readings, { timeframe: '1h', nowMs: NOW_MS });
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

  test('only the open and the last closed candle count (incident 33)', () => {
    expect(conclude({}, OPEN_MS - HOUR_MS).kind).toBe('concluded');
    expect(conclude({}, OPEN_MS - 2 * HOUR_MS)).toMatchObject({ reason: 'ReadingStale' });
    expect(conclude({}, OPEN_MS + HOUR_MS)).toMatchObject({ reason: 'ReadingStale' });
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

test('readings of two runs are not concluded together (incident 33)', () => {
  expect(areOfOneRun([{ readAtMs: 0 }, { readAtMs: 300_000 }])).toBe(true);
  expect(areOfOneRun([{ readAtMs: 0 }, { readAtMs: 300_001 }, { readAtMs: 9 }])).toBe(false);
  expect(areOfOneRun([])).toBe(true);
});
