/**
 * Is this symbol one that the fleet looks at at all?
 *
 * An ordered list of small questions about the symbol alone; the first refusal is stored with it. What an account
 * asks beyond that (its leverage, its ladder, its slots) is asked by selection.
 */
import { formatInstant } from '#pkg/base';
import type { TradedSymbol } from '#pkg/domain';
import { decide, evaluate, type Decision, type Policy } from './opening-policy.ts';

const venueTrades: Policy<TradedSymbol> = ({ isTrading, rules }) =>
  decide(isTrading, 'SymbolNotTrading', `The venue does not trade ${rules.symbol} now.`);

const quoteIsUsdt: Policy<TradedSymbol> = ({ quoteAsset, rules }) =>
  decide(
    quoteAsset === 'USDT',
    'QuoteNotTraded',
    `${rules.symbol} is quoted in ${quoteAsset}; the fleet trades against USDT.`,
  );

const isNotEnding: Policy<TradedSymbol> = ({ deliversAtMs, rules }) =>
  decide(
    deliversAtMs === undefined,
    'SymbolDelisting',
    `The venue ends ${rules.symbol} at ${formatInstant(deliversAtMs ?? 0)}.`,
  );

/** Cheapest and most absolute first. */
const SYMBOL_POLICIES: readonly Policy<TradedSymbol>[] = [venueTrades, isNotEnding, quoteIsUsdt];

/** Returns the first refusal of a symbol, or that it is looked at. */
export function judgeSymbol(symbol: TradedSymbol): Decision {
  return evaluate(SYMBOL_POLICIES, symbol);
}
