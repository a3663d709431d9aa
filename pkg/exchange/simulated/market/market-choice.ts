/** Which market a venue has: a lively show, seeded regimes, or recorded candles. */
import { createLivelySource, type PriceSource } from './price-source.ts';
import { createRegimes } from './regimes.ts';
import type { Replay } from './replay.ts';
import { listSymbols, LISTED_SYMBOLS, type ListedSymbol } from './symbols.ts';

export type MarketChoice = 'lively' | 'regimes' | Replay;

/** Returns the name that the journal keeps of a choice. */
export function marketName(choice: MarketChoice): string {
  return typeof choice === 'string' ? choice : 'replay';
}

/** Returns the symbols of a market and where their prices come from; a replay brings its own symbols. */
export function openMarket(
  choice: MarketChoice,
  seed: string,
  symbolCount = LISTED_SYMBOLS.length,
): { readonly listed: readonly ListedSymbol[]; readonly source: PriceSource } {
  if (typeof choice !== 'string') return choice;
  const listed = listSymbols(symbolCount);
  const source =
    choice === 'lively' ? createLivelySource(seed, listed) : createRegimes(seed, listed);
  return { listed, source };
}
