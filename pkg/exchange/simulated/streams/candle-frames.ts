/**
 * Candles as they grow, and each once more when it has closed.
 *
 * Source: the venue's pages "Kline/Candlestick Streams" and "Continuous Contract Kline/Candlestick Streams".
 */
import { required } from '#pkg/base';
import { findEndpoint } from '../server/rest.ts';
import type { VenueRuntime } from '../server/venue-runtime.ts';
import { VenueRejection } from '../venue/rejection.ts';
import type { FrameSource } from './market-streams.ts';
import { SYMBOL_TYPE_USDM } from './price-frames.ts';

type Candle = readonly [
  openMs: number,
  open: string,
  high: string,
  low: string,
  close: string,
  volume: string,
  closeMs: number,
  quote: string,
  count: number,
  bought: string,
  boughtQuote: string,
  ...rest: readonly unknown[],
];

/** Returns undefined for an interval that the venue does not have. */
export function klines(
  runtime: VenueRuntime,
  symbol: string,
  interval: string,
): FrameSource | undefined {
  return sourceOf(runtime, { symbol, interval }, (nowMs, k) => ({
    e: 'kline',
    E: nowMs,
    s: symbol,
    k: { ...k, s: symbol },
    st: SYMBOL_TYPE_USDM,
  }));
}

export function continuousKlines(
  runtime: VenueRuntime,
  symbol: string,
  interval: string,
): FrameSource | undefined {
  return sourceOf(runtime, { symbol, interval }, (nowMs, k) => ({
    e: 'continuous_kline',
    E: nowMs,
    ps: symbol,
    ct: 'PERPETUAL',
    k,
    st: SYMBOL_TYPE_USDM,
  }));
}

function sourceOf(
  runtime: VenueRuntime,
  asked: { readonly symbol: string; readonly interval: string },
  frame: (nowMs: number, k: object) => object,
): FrameSource | undefined {
  try {
    newest(runtime, asked, runtime.clock.nowMs());
  } catch (thrown) {
    if (thrown instanceof VenueRejection) return undefined;
    throw thrown;
  }
  let openMs: number | undefined;
  return (nowMs) => {
    const [before, now] = newest(runtime, asked, nowMs);
    if (now === undefined) return [];
    const hasClosed = openMs !== undefined && before?.[0] === openMs;
    openMs = now[0];
    return [
      ...(hasClosed && before !== undefined ? [frame(nowMs, bodyOf(asked, before, true))] : []),
      frame(nowMs, bodyOf(asked, now, false)),
    ];
  };
}

/** The candle before and the one that grows, as REST tells them. */
function newest(
  { venue }: VenueRuntime,
  { symbol, interval }: { readonly symbol: string; readonly interval: string },
  nowMs: number,
): readonly [Candle | undefined, Candle | undefined] {
  const endpoint = required(findEndpoint('GET /fapi/v1/klines'), 'The venue has candles.');
  const rows = venue.call(endpoint, { symbol, interval, limit: '2' }, undefined, nowMs);
  const candles = rows as readonly Candle[];
  return [candles.at(-2), candles.at(-1)];
}

function bodyOf(
  { interval }: { readonly interval: string },
  candle: Candle,
  isClosed: boolean,
): Readonly<Record<string, unknown>> {
  const [openMs, open, high, low, close, volume, closeMs, quote, count, bought, boughtQuote] =
    candle;
  return {
    t: openMs,
    T: closeMs,
    i: interval,
    f: Math.floor(openMs / 1000),
    L: Math.floor(openMs / 1000) + count - 1,
    o: open,
    c: close,
    h: high,
    l: low,
    v: volume,
    n: count,
    x: isClosed,
    q: quote,
    V: bought,
    Q: boughtQuote,
    B: '0',
  };
}
