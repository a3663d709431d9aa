/** Messages of the market streams. Source: the venue's pages "Mark Price Stream" and "Individual Symbol Book Ticker Streams". */
import { fundingRateOf, nextFundingMs } from '../venue/funding.ts';
import type { Venue } from '../venue/venue.ts';

/** USD-M contracts are 1, COIN-M are 2. */
const SYMBOL_TYPE_USDM = 1;

export function markPriceUpdate(venue: Venue, symbol: string, nowMs: number): object {
  const { mark, index } = venue.quote(symbol, nowMs);
  const price = mark.toFixed(8);
  const nextMs = nextFundingMs(nowMs);
  return {
    e: 'markPriceUpdate',
    E: nowMs,
    s: symbol,
    p: price,
    ap: price,
    P: index.toFixed(8),
    i: index.toFixed(8),
    r: fundingRateOf(venue.market, symbol, nextMs, nowMs).toFixed(8),
    T: nextMs,
    st: SYMBOL_TYPE_USDM,
  };
}

export function bookTicker(venue: Venue, symbol: string, nowMs: number): object {
  const { bid, ask } = venue.quote(symbol, nowMs);
  return {
    e: 'bookTicker',
    u: nowMs,
    s: symbol,
    b: bid.toFixed(),
    B: '100',
    a: ask.toFixed(),
    A: '100',
    T: nowMs,
    E: nowMs,
    st: SYMBOL_TYPE_USDM,
  };
}
