/** The market's own trades: one each quarter of a second, a pure function of (symbol, time), like its prices. */
import { hashAt } from './noise.ts';
import type { ListedSymbol } from './symbols.ts';

export interface MarketTrade {
  readonly id: number;
  readonly price: string;
  readonly quantity: string;
  /** Was the buyer the maker: did a seller take? */
  readonly isBuyerMaker: boolean;
  readonly atMs: number;
}

export const TRADE_EVERY_MS = 250;
const QUANTITY_STEPS = 400;

/** Returns the market's trades of a symbol after `fromMs` and up to `toMs`, oldest first. */
export function marketTrades(
  market: { lastPriceAt(symbol: string, realMs: number): number },
  listed: ListedSymbol,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): readonly MarketTrade[] {
  const first = Math.floor(fromMs / TRADE_EVERY_MS) + 1;
  const last = Math.floor(toMs / TRADE_EVERY_MS);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => {
    const id = first + index;
    const atMs = id * TRADE_EVERY_MS;
    const chance = hashAt(hashOf(listed.symbol), id);
    const tick = Number(listed.tickSize);
    const places = placesOf(listed.tickSize);
    const step = Number(listed.stepSize);
    const price = Math.max(tick, Math.round(market.lastPriceAt(listed.symbol, atMs) / tick) * tick);
    return {
      id,
      price: price.toFixed(places),
      quantity: (step * (1 + (chance % QUANTITY_STEPS))).toFixed(placesOf(listed.stepSize)),
      isBuyerMaker: chance % 2 === 1,
      atMs,
    };
  });
}

function hashOf(text: string): number {
  let hash = 7;
  for (let at = 0; at < text.length; at += 1) hash = hashAt(hash, text.charCodeAt(at));
  return hash;
}

/** Digits after the point, without zeros at the end. */
function placesOf(step: string): number {
  return (step.split('.')[1] ?? '').replace(/0+$/, '').length;
}
