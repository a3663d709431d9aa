/** Mark prices and asset indexes. Source: the venue's pages "Mark Price Stream" and "Multi-Assets Mode Asset Index". */
import { fundingRateOf, nextFundingMs } from '../venue/funding.ts';
import type { Venue } from '../venue/venue.ts';

/** USD-M contracts are 1, COIN-M are 2. */
export const SYMBOL_TYPE_USDM = 1;

export function markPrice(venue: Venue, symbol: string, nowMs: number): object {
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

/** The simulated wallet holds USDT alone, which counts as what it is. */
export function assetIndex(nowMs: number): object {
  const [one, none] = ['1.00000000', '0.00000000'];
  return {
    e: 'assetIndexUpdate',
    E: nowMs,
    s: 'USDTUSD',
    i: one,
    b: none,
    a: none,
    B: one,
    A: one,
    q: none,
    g: none,
    Q: one,
    G: one,
  };
}

export function assetIndexes(nowMs: number): readonly object[] {
  return [assetIndex(nowMs)];
}
