import { readFileSync } from 'node:fs';
import { createSeededRandom, required } from '#pkg/base';
import type { Candle } from '#pkg/domain';
import { parseKlines } from '#pkg/market-data';

/** The recordings of BTC and ETH, cut to the hours that both have. */
export interface Recording {
  readonly btc: readonly Candle[];
  readonly eth: readonly Candle[];
}

const HOUR_MS = 3_600_000;
const FOLDER = new URL('../../../../data/', import.meta.url);

/** Recorded hours that the path replays, to and fro. */
export const WINDOW_HOURS = 12;
/** Each recorded hour lasts this long on the path. */
export const RECORDED_HOUR_MS = 120_000;
const HISTORY_HOURS_MIN = 520;
const HOURS_IN_QUARTER = 9;
const BTC_QUARTER_RANGE_MAX = 0.0195;
const BTC_RANGE_MAX = 0.03;
const ETH_RANGE_MAX = 0.07;
const LEAD_MIN = 0.003;
const TREND_PERIODS = [40, 80, 120] as const;

/** Reads the recorded candles that ship with the project. */
export function readRecording(): Recording {
  const btc = parseCandles('BTCUSDT-1h-2020-11_2021-05.csv');
  const eth = new Map(
    parseCandles('ETHUSDT-1h-2020-11_2021-05.csv').map((candle) => [candle.openAtMs, candle]),
  );
  const common = btc.filter(({ openAtMs }) => eth.has(openAtMs));
  return {
    btc: common,
    eth: common.map((candle) => required(eth.get(candle.openAtMs), 'ETH has every common hour.')),
  };
}

/**
 * Returns the index of the first hour of a calm window, chosen by `seed`.
 *
 * Calm: BTC moves less than 1.95 % within any quarter of an hour on the path and 3 % in all, so that every
 * market guard stays open. Enough recorded hours lie before it to serve as history, and those have a clear
 * direction, in which the last hour before the window still goes.
 */
export function chooseCalmWindow(recording: Recording, seed: number | string): number {
  const calm: number[] = [];
  const last = recording.btc.length - WINDOW_HOURS - 1;
  for (let start = HISTORY_HOURS_MIN; start < last; start += 1) {
    if (isCalm(recording, start) && isTrending(recording.btc, start)) calm.push(start);
  }
  const pick = createSeededRandom(`${seed}/window`).integer(calm.length);
  return required(calm[pick], 'The recording holds a calm window.');
}

function isCalm(recording: Recording, start: number): boolean {
  const btc = recording.btc.slice(start, start + WINDOW_HOURS);
  if (range(btc) > BTC_RANGE_MAX) return false;
  if (range(recording.eth.slice(start, start + WINDOW_HOURS)) > ETH_RANGE_MAX) return false;
  for (let index = 0; index + HOURS_IN_QUARTER <= btc.length; index += 1) {
    if (range(btc.slice(index, index + HOURS_IN_QUARTER)) > BTC_QUARTER_RANGE_MAX) return false;
  }
  return true;
}

function isTrending(btc: readonly Candle[], start: number): boolean {
  const lead = btc[start - 1];
  if (lead === undefined || Math.abs(lead.close / lead.open - 1) < LEAD_MIN) return false;
  const direction = Math.sign(lead.close - lead.open);
  const closes = btc.slice(start - HISTORY_HOURS_MIN, start - 1).map((candle) => candle.close);
  return TREND_PERIODS.every((period) => {
    let average = closes[0] ?? 0;
    let before = average;
    for (const close of closes) {
      before = average;
      average += ((close - average) * 2) / (period + 1);
    }
    return Math.sign(average - before) === direction;
  });
}

function range(candles: readonly Candle[]): number {
  const high = Math.max(...candles.map((candle) => candle.high));
  const low = Math.min(...candles.map((candle) => candle.low));
  return high / low - 1;
}

function parseCandles(file: string): readonly Candle[] {
  const parsed = parseKlines(readFileSync(new URL(file, FOLDER), 'utf8'), HOUR_MS);
  if (parsed.kind === 'read') return parsed.candles;
  throw new Error(`${file} is not as this release ships it: ${parsed.mistakes[0]?.message}`);
}
