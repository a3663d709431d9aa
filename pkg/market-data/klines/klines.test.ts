import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

import { KlineFileError, parseKlines, readKlines } from '../index.ts';

const HOUR_MS = 3_600_000;
const HEADER =
  'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore';
const ROW = '1704067200000,42314.0,42603.2,42289.6,42503.5,6756.1,1704070799999,1,2,3,4,0';
const CANDLE = {
  openAtMs: 1_704_067_200_000,
  open: 42_314,
  high: 42_603.2,
  low: 42_289.6,
  close: 42_503.5,
  volume: 6_756.1,
};

const folder = mkdtempSync(join(tmpdir(), 'klines-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a row of the archive is read with a header or without, in ms or in µs', () => {
  const read = { kind: 'read', candles: [CANDLE] };
  expect(parseKlines(`${HEADER}\r\n${ROW}\r\n`, HOUR_MS)).toEqual(read);
  expect(parseKlines(ROW, HOUR_MS)).toEqual(read);
  expect(parseKlines(ROW.replace('1704067200000', '1704067200000000'), HOUR_MS)).toEqual(read);
});

test('a row of the recordings has close, low and high in their order, and seconds', () => {
  const row = '1704067200,42314.0,42503.5,42289.6,42603.2,6756.1,99';
  expect(parseKlines(`${row}\n${row}\n`, HOUR_MS)).toEqual({ kind: 'read', candles: [CANDLE] });
});

test.each([
  ['a,b,c', '3 columns'],
  [ROW.replace('42314.0', 'x'), 'open is no positive number'],
  [ROW.replace('42289.6', '-1'), 'low is no positive number'],
  [ROW.replace('6756.1', ''), 'volume is no number'],
  [ROW.replace('1704067200000', '1704067200001'), 'is not the beginning of a candle of 60 min'],
  [ROW.replace('1704067200000', 'today'), 'today is no time'],
  [ROW.replace('42603.2', '42300'), 'high lies below'],
  [ROW.replace('42289.6', '42310.0').replace('42314.0', '42301.0'), 'low lies above'],
  [ROW.replace('42503.5', '42500'), 'another close for the same time'],
])('%s is a mistake of its line', (row, message) => {
  const parsed = parseKlines(`${HEADER}\n${ROW}\n\n${row}\n`, HOUR_MS);
  expect(parsed).toMatchObject({ kind: 'invalid', mistakes: [{ line: 4 }] });
  expect(parsed).toHaveProperty('mistakes.0.message', expect.stringContaining(message));
});

test('ten mistakes of a file are enough', () => {
  const parsed = parseKlines('x\n'.repeat(50).replace('x', HEADER), HOUR_MS);
  expect(parsed).toHaveProperty('mistakes.length', 10);
});

test('files of one symbol and timeframe are one series, oldest first', () => {
  const later = ROW.replace('1704067200000', '1706745600000');
  writeFileSync(join(folder, 'AUSDT-1h-2024-02.csv'), later);
  writeFileSync(join(folder, 'AUSDT-1h-2024-01.csv'), `${HEADER}\n${ROW}`);
  writeFileSync(join(folder, 'AUSDT-4h-2024-01.csv'), ROW);
  writeFileSync(join(folder, 'README.md'), 'not klines');
  const [series, ...others] = readKlines(folder, { symbol: 'AUSDT', timeframe: '1h' });
  expect(others).toEqual([]);
  expect(series?.candles.map(({ openAtMs }) => openAtMs)).toEqual([
    1_704_067_200_000, 1_706_745_600_000,
  ]);
  expect(readKlines(folder).map(({ timeframe }) => timeframe)).toEqual(['1h', '4h']);
});

test('what is missing or wrong is named by file and line', () => {
  const bad = join(folder, 'BUSDT-1h-2024-01.csv');
  writeFileSync(bad, `${ROW}\n1,2\n`);
  expect(() => readKlines(folder, { symbol: 'BUSDT' })).toThrow(`${bad}:2: 2 columns`);
  expect(() => readKlines(folder, { symbol: 'CUSDT' })).toThrow(KlineFileError);
  expect(() => readKlines(join(folder, 'nothing'))).toThrow('there is no file or folder');
});
