import type { Clock } from '#pkg/base';
import type { SymbolName, TradedSymbol } from '#pkg/domain';
import type { Store } from '#pkg/store';

/** Filters and brackets change about once an hour, and what the venue refuses by newer ones it refuses by itself. */
const AGE_MS_MAX = 5_000;
const SYMBOLS_MAX = 1_000;

/** Returns `symbols` whose `find` asks once for what the steps of one opening ask a dozen times. */
export function rememberSymbols(symbols: Store['symbols'], clock: Clock): Store['symbols'] {
  const asked = new Map<
    SymbolName,
    { readonly atMs: number; readonly answer: Promise<TradedSymbol | undefined> }
  >();
  return {
    ...symbols,
    find: (symbol) => {
      const nowMs = clock.monotonicMs();
      const known = asked.get(symbol);
      if (known !== undefined && nowMs - known.atMs < AGE_MS_MAX) return known.answer;
      const answer = symbols.find(symbol);
      asked.delete(symbol);
      asked.set(symbol, { atMs: nowMs, answer });
      answer.catch(() => {
        if (asked.get(symbol)?.answer === answer) asked.delete(symbol);
      });
      const [oldest] = asked.keys();
      if (asked.size > SYMBOLS_MAX && oldest !== undefined) asked.delete(oldest);
      return answer;
    },
  };
}
