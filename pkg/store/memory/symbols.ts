import type { SymbolName, TradedSymbol } from '#pkg/domain';
import type { SymbolStore } from '../store.ts';
import { orderBy } from './order-by.ts';

/** Returns symbols in memory. */
export function createMemorySymbolStore(): SymbolStore {
  const symbols = new Map<SymbolName, TradedSymbol>();
  const change = (symbol: SymbolName, changes: Partial<TradedSymbol>): void => {
    const standing = symbols.get(symbol);
    if (standing !== undefined) symbols.set(symbol, { ...standing, ...changes });
  };
  return {
    saveVenueSymbols: async (venueSymbols, nowMs) => {
      const named = new Set(venueSymbols.map((symbol) => symbol.rules.symbol));
      for (const symbol of venueSymbols) {
        const standing = symbols.get(symbol.rules.symbol);
        symbols.set(symbol.rules.symbol, {
          brackets: standing?.brackets ?? [],
          direction: standing?.direction,
          directionTimeframe: standing?.directionTimeframe,
          directionAtMs: standing?.directionAtMs,
          reason: standing?.reason,
          ...symbol,
          updatedAtMs: nowMs,
        });
      }
      for (const [name, { isTrading }] of symbols) {
        if (isTrading && !named.has(name)) change(name, { isTrading: false, updatedAtMs: nowMs });
      }
    },
    saveBrackets: async (brackets, nowMs) => {
      for (const [symbol, rows] of brackets) change(symbol, { brackets: rows, updatedAtMs: nowMs });
    },
    saveDirection: async (symbol, conclusion) => {
      change(symbol, {
        direction: conclusion.direction,
        directionTimeframe: conclusion.timeframe,
        directionAtMs: conclusion.atMs,
        reason: conclusion.reason,
      });
    },
    find: async (symbol) => symbols.get(symbol),
    list: async () => [...symbols.values()].toSorted(orderBy(({ rules }) => rules.symbol)),
  };
}
