import { expect, test } from 'vitest';

import { id, type SymbolName } from '#pkg/domain';

import type { IndicatorQuery } from '../indicators.ts';
import { planConstructs } from './calculations.ts';
import { decodeBulk } from './decode.ts';

const BTC = id<SymbolName>('BTCUSDT');
const queries: readonly IndicatorQuery[] = [
  { symbol: BTC, timeframe: '1h', indicator: 'ema-40' },
  { symbol: id<SymbolName>('1000PEPEUSDT'), timeframe: '1h', indicator: 'chop' },
  { symbol: BTC, timeframe: '4h', indicator: 'candle-comparison' },
  { symbol: BTC, timeframe: '1h', indicator: 'pivotpoints' },
];

test('queries of one symbol and timeframe share a construct, and ids lead back to the queries', () => {
  const constructs = planConstructs(queries, 'binancefutures');
  expect(constructs.map((each) => [each.symbol, each.interval, each.indicators.length])).toEqual([
    ['BTC/USDT', '1h', 2],
    ['1000PEPE/USDT', '1h', 1],
    ['BTC/USDT', '4h', 1],
  ]);
  expect(constructs.flatMap((each) => each.indicators.map((indicator) => indicator['id']))).toEqual(
    ['0', '3', '1', '2'],
  );
});

test('results are read newest first, by their times where they have some', () => {
  const [ema, chop, candles, pivots] = decodeBulk(
    JSON.stringify({
      data: [
        { id: '2', result: { close: [10, 11], timestamp: [7_200, 3_600] }, errors: [] },
        { id: '0', result: { value: [1, 2] }, errors: [] },
        { id: '1', result: { value: 48.5, timestamp: 3_600 } },
        { id: '3', result: { p: 5, r1: 6, note: 'text is left out' }, errors: [] },
      ],
    }),
    queries,
  );
  expect(ema).toMatchObject({ values: { value: [2, 1] }, candleOpenAtMs: undefined });
  expect(chop).toMatchObject({ values: { value: [48.5] }, candleOpenAtMs: 3_600_000 });
  expect(candles).toMatchObject({ values: { close: [10, 11] }, candleOpenAtMs: 7_200_000 });
  expect(pivots).toMatchObject({ values: { p: [5], r1: [6] } });
});

test.for<readonly [string, string]>([
  ['not JSON', '<html>'],
  ['no list', '{"error":"x"}'],
  ['left out', '{"data":[]}'],
  ['an error', '{"data":[{"id":"0","result":{},"errors":["No candles"]}]}'],
  ['no value', '{"data":[{"id":"0","result":{"value":"NaN"},"errors":[]}]}'],
  ['no object', '{"data":[{"id":"0","result":"n/a","errors":[]}]}'],
])('a malformed answer (%s) is an unavailable reading with a message', ([, text]) => {
  const [reading] = decodeBulk(text, queries);
  expect(reading?.kind).toBe('unavailable');
  expect(reading?.kind === 'unavailable' && reading.message.length).toBeGreaterThan(0);
});
