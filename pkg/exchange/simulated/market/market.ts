/**
 * The market as the venue and the indicator provider see it: prices and candles by wall-clock time.
 *
 * Candles before the first session are generated history; later ones are read off the price path, every two
 * seconds, minute by minute. Closed minutes are kept.
 */
import { required } from '#pkg/base';
import { createHourlyHistory, type OhlcCandle } from './candle-history.ts';
import { marketTimeAt, type MarketSession } from './market-clock.ts';
import { createPricePath, priceInCandle } from './price-path.ts';
import { readRecording } from './recorded-candles.ts';
import { LISTED_SYMBOLS } from './symbols.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const SAMPLE_MS = 2_000;

/** Lengths of the candle intervals that the venue offers. */
export const INTERVALS_MS: Readonly<Record<string, number>> = {
  '1m': MINUTE_MS,
  '3m': 3 * MINUTE_MS,
  '5m': 5 * MINUTE_MS,
  '15m': 15 * MINUTE_MS,
  '30m': 30 * MINUTE_MS,
  '1h': HOUR_MS,
  '2h': 2 * HOUR_MS,
  '4h': 4 * HOUR_MS,
  '6h': 6 * HOUR_MS,
  '8h': 8 * HOUR_MS,
  '12h': 12 * HOUR_MS,
  '1d': 24 * HOUR_MS,
};

export interface CandleRange {
  readonly intervalMs: number;
  readonly limit: number;
  /** First open time wanted; with it, candles are counted from the oldest. */
  readonly startMs?: number | undefined;
  /** Last open time wanted; now when absent. */
  readonly endMs?: number | undefined;
}

export interface Market {
  readonly seed: number | string;
  readonly sessions: readonly MarketSession[];
  /** Price of a listed symbol at `realMs`, not rounded. */
  priceAt(symbol: string, realMs: number): number;
  /** Candles, oldest first; the last may still be open at `nowMs`. */
  candles(symbol: string, range: CandleRange, nowMs: number): readonly OhlcCandle[];
}

/** Returns the market of `seed` that has run through `sessions` (at least one). */
export function createMarket(seed: number | string, sessions: readonly MarketSession[]): Market {
  const recording = readRecording();
  const path = createPricePath(recording, seed);
  const epochMs = required(sessions[0], 'A market has at least one session.').realMs;
  const historyEndMs = Math.floor(epochMs / HOUR_MS) * HOUR_MS;
  const indexes = new Map(LISTED_SYMBOLS.map((listed, index) => [listed.symbol, index]));
  const histories = new Map<number, readonly OhlcCandle[]>();
  const closedMinutes = LISTED_SYMBOLS.map(() => new Map<number, OhlcCandle>());

  const indexOf = (symbol: string): number =>
    required(indexes.get(symbol), 'Only listed symbols are asked for.');

  function historyOf(index: number): readonly OhlcCandle[] {
    const known = histories.get(index);
    if (known !== undefined) return known;
    const made = createHourlyHistory({ recording, path, seed }, index, historyEndMs);
    histories.set(index, made);
    return made;
  }

  /** The open hour before the market began leads from the last close to the first price. */
  function pathPrice(index: number, realMs: number): number {
    if (realMs >= epochMs) return path.priceAt(index, marketTimeAt(sessions, realMs));
    const open = historyOf(index).at(-1)?.close ?? path.priceAt(index, 0);
    const part = (realMs - historyEndMs) / Math.max(1, epochMs - historyEndMs);
    return open + (path.priceAt(index, 0) - open) * part;
  }

  function liveMinute(index: number, openAtMs: number, nowMs: number): OhlcCandle {
    const kept = closedMinutes[index]?.get(openAtMs);
    if (kept !== undefined) return kept;
    const endMs = Math.min(openAtMs + MINUTE_MS, nowMs);
    const open = pathPrice(index, openAtMs);
    let high = open;
    let low = open;
    for (let atMs = openAtMs + SAMPLE_MS; atMs < endMs; atMs += SAMPLE_MS) {
      const price = pathPrice(index, atMs);
      high = Math.max(high, price);
      low = Math.min(low, price);
    }
    const close = pathPrice(index, endMs);
    const candle: OhlcCandle = {
      openAtMs,
      open,
      high: Math.max(high, close),
      low: Math.min(low, close),
      close,
      volume: 25_000 / open,
    };
    if (endMs === openAtMs + MINUTE_MS) closedMinutes[index]?.set(openAtMs, candle);
    return candle;
  }

  function historyMinute(index: number, openAtMs: number): OhlcCandle | undefined {
    const history = historyOf(index);
    const firstMs = history[0]?.openAtMs ?? historyEndMs;
    const hour = history[Math.floor((openAtMs - firstMs) / HOUR_MS)];
    if (hour === undefined) return undefined;
    const part = (openAtMs - hour.openAtMs) / HOUR_MS;
    const open = priceInCandle(hour, part);
    const middle = priceInCandle(hour, part + 1 / 120);
    const close = priceInCandle(hour, part + 1 / 60);
    return {
      openAtMs,
      open,
      high: Math.max(open, middle, close),
      low: Math.min(open, middle, close),
      close,
      volume: hour.volume / 60,
    };
  }

  /** Cuts [openAtMs, endMs) into ready hours and live minutes and joins them. */
  function joined(index: number, openAtMs: number, endMs: number, nowMs: number): OhlcCandle[] {
    const parts: OhlcCandle[] = [];
    const history = historyOf(index);
    const firstMs = history[0]?.openAtMs ?? historyEndMs;
    let atMs = openAtMs;
    while (atMs < endMs && atMs < nowMs) {
      if (atMs >= historyEndMs) {
        parts.push(liveMinute(index, atMs, nowMs));
        atMs += MINUTE_MS;
      } else if (atMs % HOUR_MS === 0 && atMs + HOUR_MS <= endMs) {
        const hour = history[(atMs - firstMs) / HOUR_MS];
        if (hour !== undefined) parts.push(hour);
        atMs += HOUR_MS;
      } else {
        const minute = historyMinute(index, atMs);
        if (minute !== undefined) parts.push(minute);
        atMs += MINUTE_MS;
      }
    }
    return parts;
  }

  return {
    seed,
    sessions,
    priceAt: (symbol, realMs) => pathPrice(indexOf(symbol), realMs),
    candles: (symbol, range, nowMs) => {
      const index = indexOf(symbol);
      const { intervalMs, limit } = range;
      const newestMs = Math.floor(Math.min(range.endMs ?? nowMs, nowMs) / intervalMs) * intervalMs;
      const startMs =
        range.startMs === undefined
          ? newestMs - (limit - 1) * intervalMs
          : Math.ceil(range.startMs / intervalMs) * intervalMs;
      const candles: OhlcCandle[] = [];
      for (
        let openAtMs = startMs;
        openAtMs <= newestMs && candles.length < limit;
        openAtMs += intervalMs
      ) {
        const parts = joined(index, openAtMs, openAtMs + intervalMs, nowMs);
        const candle = merge(openAtMs, parts);
        if (candle !== undefined) candles.push(candle);
      }
      return candles;
    },
  };
}

function merge(openAtMs: number, parts: readonly OhlcCandle[]): OhlcCandle | undefined {
  const first = parts[0];
  const last = parts.at(-1);
  if (first === undefined || last === undefined) return undefined;
  return {
    openAtMs,
    open: first.open,
    high: parts.reduce((most, part) => Math.max(most, part.high), first.high),
    low: parts.reduce((least, part) => Math.min(least, part.low), first.low),
    close: last.close,
    volume: parts.reduce((sum, part) => sum + part.volume, 0),
  };
}
