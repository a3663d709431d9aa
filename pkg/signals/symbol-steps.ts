import { id, TIMEFRAMES, type SymbolName, type TradedSymbol } from '#pkg/domain';
import { DONE, implementTradeStep, judgeSymbol, skip } from '#pkg/lifecycles';
import { planStep, type StepHandler } from '#pkg/steps';

import {
  planCandles,
  pruneCandlesStep,
  readSymbolCandles,
  refreshBrackets,
  refreshRules,
} from './definitions.ts';
import type { SignalDependencies } from './dependencies.ts';
import { completeCandles } from './read-candles.ts';

const SYMBOLS_PER_STEP = 10;
/** Of each symbol and timeframe, as the nightly pruning leaves them. */
export const CANDLES_KEPT = 500;

/** Symbols, brackets and candles as the venue publishes them. */
export function createSymbolHandlers(dependencies: SignalDependencies): StepHandler[] {
  const { store, exchange, clock } = dependencies;
  return [
    implementTradeStep(refreshRules, async (context) => {
      const symbols = await exchange.readSymbols(context.signal);
      await store.symbols.saveVenueSymbols(symbols, clock.nowMs());
      return DONE;
    }),
    implementTradeStep(refreshBrackets, async (context) => {
      const [account] = await store.accounts.list();
      if (account === undefined) return skip('NoCandidate', 'No account can ask for brackets yet.');
      const brackets = await exchange.readLeverageBrackets(account.id, context.signal);
      await store.symbols.saveBrackets(brackets, clock.nowMs());
      return DONE;
    }),
    implementTradeStep(planCandles, async () => {
      const symbols = (await store.symbols.list()).filter(isEligible);
      const children = [];
      for (let index = 0; index < symbols.length; index += SYMBOLS_PER_STEP) {
        const group = symbols.slice(index, index + SYMBOLS_PER_STEP);
        const names = group.map((symbol) => symbol.rules.symbol);
        children.push(planStep(readSymbolCandles, { symbols: names }, { index: 1 }));
      }
      return children.length === 0 ? DONE : { kind: 'expanded', children };
    }),
    implementTradeStep(readSymbolCandles, async (context, { symbols }) => {
      for (const name of symbols) {
        const symbol = id<SymbolName>(name);
        for (const timeframe of TIMEFRAMES) {
          await completeCandles(dependencies, { symbol, timeframe }, context.signal);
        }
      }
      return DONE;
    }),
    implementTradeStep(pruneCandlesStep, async () => {
      await store.candles.prune(CANDLES_KEPT);
      return DONE;
    }),
  ];
}

/** Whether no question refuses the symbol; BTC and ETH like any other. */
export function isEligible(symbol: TradedSymbol): boolean {
  return judgeSymbol(symbol).kind === 'allowed';
}
