/**
 * Candles of one symbol by wall-clock time, at any interval.
 *
 * Up to the hour in which the market began they come from the generated history; later ones are read off the
 * price, a sample at a time, minute by minute. Closed minutes are kept.
 */
import type { Candle } from '#pkg/domain';
import type { PackedCandles } from './packed-candles.ts';
import { priceInCandle } from './price-path.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Traded in one live minute, in quote currency. */
export const MINUTE_TURNOVER = 25_000;

export interface CandleSource {
  /** Hourly candles, oldest first, that end where live ones begin. */
  readonly history: PackedCandles;
  readonly historyEndMs: number;
  priceAt(realMs: number): number;
  readonly sampleMs: number;
}

export interface CandleStore {
  /** Returns what is known of [openAtMs, endMs) up to `nowMs`, or undefined when nothing is. */
  candle(openAtMs: number, endMs: number, nowMs: number): Candle | undefined;
}

export function createCandleStore(source: CandleSource): CandleStore {
  const { history, historyEndMs } = source;
  const firstMs = history.at(0)?.openAtMs ?? historyEndMs;
  const closedMinutes = new Map<number, Candle>();
  /** Closed candles of more than a minute, by what they span: asked for again and again. */
  const closedCandles = new Map<string, Candle>();

  function minute(openAtMs: number, nowMs: number): Candle | undefined {
    if (openAtMs < historyEndMs) {
      const hour = history.at(Math.floor((openAtMs - firstMs) / HOUR_MS));
      return hour === undefined ? undefined : minuteOfHour(hour, openAtMs);
    }
    const kept = closedMinutes.get(openAtMs);
    if (kept !== undefined) return kept;
    const endMs = Math.min(openAtMs + MINUTE_MS, nowMs);
    const candle = sampledMinute(source, openAtMs, endMs);
    if (endMs === openAtMs + MINUTE_MS) closedMinutes.set(openAtMs, candle);
    return candle;
  }

  const mergeParts = (openAtMs: number, endMs: number, nowMs: number): Candle | undefined => {
    const parts: (Candle | undefined)[] = [];
    let atMs = openAtMs;
    while (atMs < endMs && atMs < nowMs) {
      const isWholeHour = atMs % HOUR_MS === 0 && atMs + HOUR_MS <= endMs;
      if (isWholeHour && atMs < historyEndMs) {
        parts.push(history.at((atMs - firstMs) / HOUR_MS));
        atMs += HOUR_MS;
      } else {
        parts.push(minute(atMs, nowMs));
        atMs += MINUTE_MS;
      }
    }
    return merge(
      openAtMs,
      parts.filter((part) => part !== undefined),
    );
  };

  return {
    candle: (openAtMs, endMs, nowMs) => {
      const span = `${openAtMs} ${endMs}`;
      const known = closedCandles.get(span);
      if (known !== undefined) return known;
      const candle = mergeParts(openAtMs, endMs, nowMs);
      const isKept = endMs <= nowMs && endMs - openAtMs > MINUTE_MS;
      if (isKept && candle !== undefined) closedCandles.set(span, candle);
      return candle;
    },
  };
}

function sampledMinute(source: CandleSource, openAtMs: number, endMs: number): Candle {
  const open = source.priceAt(openAtMs);
  const close = source.priceAt(endMs);
  let high = Math.max(open, close);
  let low = Math.min(open, close);
  for (let atMs = openAtMs + source.sampleMs; atMs < endMs; atMs += source.sampleMs) {
    const price = source.priceAt(atMs);
    high = Math.max(high, price);
    low = Math.min(low, price);
  }
  return { openAtMs, open, high, low, close, volume: MINUTE_TURNOVER / open };
}

function minuteOfHour(hour: Candle, openAtMs: number): Candle {
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

function merge(openAtMs: number, parts: readonly Candle[]): Candle | undefined {
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
