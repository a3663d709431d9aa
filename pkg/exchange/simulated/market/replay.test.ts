import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMarket } from './market.ts';
import { readReplay } from './replay.ts';

const HOUR_MS = 3_600_000;
const DATA = new URL('../../../../data/', import.meta.url);
const START_MS = Math.floor(1_777_800_000_000 / HOUR_MS) * HOUR_MS;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'replay-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The recording of the repository in the form of the venue's public files; it holds some hours twice. */
function publicForm(symbol: string, hours: number): readonly (readonly number[])[] {
  const text = readFileSync(new URL(`${symbol}-1h-2020-11_2021-05.csv`, DATA), 'utf8');
  const rows = new Map(
    text
      .split('\n')
      .map((line) => line.split(',').map(Number))
      .filter(([time]) => Number(time) > 0)
      .map((row) => [row[0], row] as const),
  );
  return [...rows.values()]
    .slice(0, hours)
    .map(([time = 0, open = 0, close = 0, low = 0, high = 0, volume = 0]) => [
      time * 1000,
      open,
      high,
      low,
      close,
      volume,
      time * 1000 + HOUR_MS - 1,
    ]);
}

const write = (name: string, lines: readonly string[], into = folder): void =>
  writeFileSync(join(into, name), `${lines.join('\n')}\n`);

test('the hours of a folder are history and then live, at their own pace, and every candle is there again', () => {
  const header = 'open_time,open,high,low,close,volume,close_time';
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

test.each([
  ['no files', {}, /holds no kline files/],
  [
    'a line that is no candle',
    { 'AUSDT-1h.csv': ['0,1,0.5,2,1,1'] },
    /AUSDT-1h\.csv:1 is not a candle/,
  ],
  [
    'a word for a price',
    { 'AUSDT-1h.csv': ['0,x,2,1,1,1'] },
    /AUSDT-1h\.csv:1 has no number for open/,
  ],
  ['two intervals', { 'AUSDT-1h.csv': ['0,1,1,1,1,1'], 'BUSDT-1m.csv': [] }, /mixes intervals/],
  ['too little in common', { 'AUSDT-1h.csv': ['0,1,1,1,1,1'] }, /1 candles in common/],
])('%s is refused with a sentence', (_name, files, sentence) => {
  const own = mkdtempSync(join(tmpdir(), 'replay-bad-'));
  for (const [name, lines] of Object.entries(files)) write(name, lines as string[], own);
  expect(() => readReplay(own)).toThrow(sentence);
  rmSync(own, { recursive: true });
});
