/**
 * The last 24 hours of a symbol, from what REST answers to `ticker/24hr`.
 *
 * Source: the venue's pages "Individual Symbol Ticker Streams" and "Individual Symbol Mini Ticker Stream".
 */
import { required } from '#pkg/base';
import { findEndpoint } from '../server/rest.ts';
import type { VenueRuntime } from '../server/venue-runtime.ts';
import { SYMBOL_TYPE_USDM } from './price-frames.ts';

/** The day's open, volume and counts move slowly; they are read anew after this long, and the price each time. */
const DAY_ROW_MS = 10_000;

type DayRow = Readonly<Record<string, string | number>>;

const known = new WeakMap<
  VenueRuntime,
  Map<string, { readonly atMs: number; readonly row: DayRow }>
>();

function dayOf(runtime: VenueRuntime, symbol: string, nowMs: number): DayRow {
  const rows =
    known.get(runtime) ?? new Map<string, { readonly atMs: number; readonly row: DayRow }>();
  known.set(runtime, rows);
  const cached = rows.get(symbol);
  if (cached !== undefined && Math.abs(nowMs - cached.atMs) < DAY_ROW_MS) return cached.row;
  const endpoint = required(findEndpoint('GET /fapi/v1/ticker/24hr'), 'The venue has a ticker.');
  const row = runtime.venue.call(endpoint, { symbol }, undefined, nowMs) as DayRow;
  rows.set(symbol, { atMs: nowMs, row });
  return row;
}

export function miniTicker(runtime: VenueRuntime, symbol: string, nowMs: number): object {
  const { row, last } = dayNow(runtime, symbol, nowMs);
  return {
    e: '24hrMiniTicker',
    E: nowMs,
    s: symbol,
    c: last,
    o: row['openPrice'],
    h: highest(row['highPrice'], last),
    l: lowest(row['lowPrice'], last),
    v: row['volume'],
    q: row['quoteVolume'],
    st: SYMBOL_TYPE_USDM,
  };
}

export function ticker(runtime: VenueRuntime, symbol: string, nowMs: number): object {
  const { row, last, places } = dayNow(runtime, symbol, nowMs);
  const open = Number(row['openPrice']);
  return {
    e: '24hrTicker',
    E: nowMs,
    s: symbol,
    p: (Number(last) - open).toFixed(places),
    P: ((Number(last) / open - 1) * 100).toFixed(3),
    w: row['weightedAvgPrice'],
    c: last,
    Q: row['lastQty'],
    o: row['openPrice'],
    h: highest(row['highPrice'], last),
    l: lowest(row['lowPrice'], last),
    v: row['volume'],
    q: row['quoteVolume'],
    O: row['openTime'],
    C: nowMs,
    F: row['firstId'],
    L: row['lastId'],
    n: row['count'],
    st: SYMBOL_TYPE_USDM,
  };
}

function dayNow(
  runtime: VenueRuntime,
  symbol: string,
  nowMs: number,
): { readonly row: DayRow; readonly last: string; readonly places: number } {
  const row = dayOf(runtime, symbol, nowMs);
  const places = (String(row['openPrice']).split('.')[1] ?? '').length;
  return { row, places, last: runtime.venue.quote(symbol, nowMs).last.toFixed(places) };
}

function highest(one: string | number | undefined, other: string): string {
  return Number(one) > Number(other) ? String(one) : other;
}

function lowest(one: string | number | undefined, other: string): string {
  return Number(one) < Number(other) ? String(one) : other;
}
