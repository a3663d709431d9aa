import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readKlines } from '#pkg/market-data';
import { createMarket } from './market.ts';
import { readReplay } from './replay.ts';

const HOUR_MS = 3_600_000;
const DATA = new URL('../../../../data/', import.meta.url);
const START_MS = Math.floor(1_777_800_000_000 / HOUR_MS) * HOUR_MS;

const FLAT = `${HOUR_MS},1,1,1,1,1,0,0,0,0,0,0`;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'replay-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The recording of the repository in the form of the venue's public files. */
function publicForm(symbol: string, hours: number): readonly (readonly number[])[] {
  const [series] = readKlines(fileURLToPath(DATA), { symbol });
  return (series?.candles ?? [])
    .slice(0, hours)
    .map(({ openAtMs, open, high, low, close, volume }) => [
      ...[openAtMs, open, high, low, close, volume, openAtMs + HOUR_MS - 1],
      ...[0, 0, 0, 0, 0],
    ]);
}

const write = (name: string, lines: readonly string[], into = folder): void =>
  writeFileSync(join(into, name), `${lines.join('\n')}\n`);

test('the hours of a folder are history and then live, at their own pace, and every candle is there again', () => {
  const header =
    'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore';
  const rows = publicForm('BTCUSDT', 400);
  write('BTCUSDT-1h-2020-11.csv', [header, ...rows.slice(0, 150).map(String)]);
  write('BTCUSDT-1h-2020-12.csv', rows.slice(150).map(String));
  write('ETHUSDT-1h-2020-11.csv', publicForm('ETHUSDT', 400).map(String));
  const replay = readReplay(folder);
  expect(replay.listed.map(({ symbol }) => symbol)).toEqual(['BTCUSDT', 'ETHUSDT']);
  const { source, listed } = replay;
  const market = createMarket('x', [{ realMs: START_MS, marketMs: 0 }], { listed, source });
  const nowMs = START_MS + replay.lengthMs - 1;
  const candles = market.candles('BTCUSDT', { intervalMs: HOUR_MS, limit: 1500 }, nowMs);
  const recorded = new Map(rows.map((row) => [row[0], row]));
  const aheadMs = replay.recordedFromMs - START_MS;
  const known = candles.filter(({ openAtMs }) => recorded.has(openAtMs + aheadMs));
  expect(known.length).toBeGreaterThan(300);
  expect(known.some(({ openAtMs }) => openAtMs < START_MS)).toBe(true);
  for (const candle of known) {
    const [, open = 0, high = 0, low = 0, close = 0] =
      recorded.get(candle.openAtMs + aheadMs) ?? [];
    // The last instant of an hour is a little before its close; extremes are met every two seconds.
    const apart = [candle.open / open, candle.high / high, candle.low / low, candle.close / close];
    for (const ratio of apart) expect(Math.abs(ratio - 1)).toBeLessThan(0.001);
  }
});

test('time turns round at the end instead of running out', () => {
  const { source, lengthMs } = readReplay(folder);
  for (const backMs of [HOUR_MS, 30 * HOUR_MS]) {
    expect(source.priceAt(0, lengthMs + backMs)).toBeCloseTo(
      source.priceAt(0, lengthMs - backMs),
      6,
    );
  }
});

test('the recordings of the project are replayed as they stand', () => {
  const { listed, lengthMs } = readReplay(fileURLToPath(DATA));
  expect(listed.map(({ symbol }) => symbol)).toEqual(['BTCUSDT', 'ETHUSDT']);
  expect(lengthMs / HOUR_MS).toBeGreaterThan(3_500);
});

test.each([
  ['no files', {}, /holds no kline files/],
  [
    'a line that is no candle',
    { 'AUSDT-1h.csv': [`${HOUR_MS},1,0.5,2,1,1,0,0,0,0,0,0`] },
    /AUSDT-1h\.csv:1: low lies above/,
  ],
  [
    'a word for a price',
    { 'AUSDT-1h.csv': [`${HOUR_MS},x,2,1,1,1,0,0,0,0,0,0`] },
    /AUSDT-1h\.csv:1: open is no positive number/,
  ],
  ['two intervals', { 'AUSDT-1h.csv': [FLAT], 'BUSDT-1m.csv': [] }, /mixes intervals/],
  ['too little in common', { 'AUSDT-1h.csv': [FLAT] }, /1 candles in common/],
])('%s is refused with a sentence', (_name, files, sentence) => {
  const own = mkdtempSync(join(tmpdir(), 'replay-bad-'));
  for (const [name, lines] of Object.entries(files)) write(name, lines as string[], own);
  expect(() => readReplay(own)).toThrow(sentence);
  rmSync(own, { recursive: true });
});
