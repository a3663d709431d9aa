import { id, TIMEFRAMES, type SymbolName, type Timeframe, type TradedSymbol } from '#pkg/domain';
import { DONE, implementTradeStep, judgeSymbol, skip } from '#pkg/lifecycles';
import { planStep, type StepHandler } from '#pkg/steps';

import {
  measureSymbols,
  planCandles,
  pruneCandlesStep,
  readSymbolCandles,
  refreshBrackets,
  refreshRules,
  tellMeasured,
} from './definitions.ts';
import type { SignalDependencies } from './dependencies.ts';
import { createMeasureHandlers } from './measure-steps.ts';
import { endDelisted } from './end-delisted.ts';
import { completeCandles } from './read-candles.ts';

const SYMBOLS_PER_STEP = 10;
/** Measuring one takes a millisecond or two, and the thread is not to be held for long. */
const SYMBOLS_PER_MEASURE = 25;
/** Of each symbol and timeframe, as the nightly pruning leaves them. */
export const CANDLES_KEPT = 500;

/** Symbols, brackets and candles as the venue publishes them. */
export function createSymbolHandlers(dependencies: SignalDependencies): StepHandler[] {
  const { store, exchange, clock } = dependencies;
  return [
    implementTradeStep(refreshRules, async (context) => {
      const symbols = await exchange.readSymbols(context.signal);
      await store.symbols.saveVenueSymbols(symbols, clock.nowMs());
      await endDelisted(dependencies, context);
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
      if (symbols.length === 0) return DONE;
      const names = symbols.map(({ rules }) => rules.symbol);
      const read = (timeframes: Timeframe[], index: number) =>
        inGroups(names, SYMBOLS_PER_STEP).map((group) =>
          planStep(readSymbolCandles, { symbols: group, timeframes }, { index }),
        );
      const measure = (by: 'hours' | 'days', index: number) =>
        inGroups(names, SYMBOLS_PER_MEASURE).map((group) =>
          planStep(measureSymbols, { symbols: group, by }, { index }),
        );
      return {
        kind: 'expanded',
        children: [
          ...read(['1h'], 1),
          ...measure('hours', 2),
          planStep(tellMeasured, {}, { index: 3 }),
          ...read(['4h', '1d'], 4),
          ...measure('days', 5),
        ],
      };
    }),
    implementTradeStep(readSymbolCandles, async (context, { symbols, timeframes }) => {
      for (const name of symbols) {
        const symbol = id<SymbolName>(name);
        for (const timeframe of timeframes ?? TIMEFRAMES) {
          await completeCandles(dependencies, { symbol, timeframe }, context.signal);
        }
      }
      return DONE;
    }),
    ...createMeasureHandlers(dependencies),
    implementTradeStep(pruneCandlesStep, async () => {
      await store.candles.prune(CANDLES_KEPT);
      return DONE;
    }),
  ];
}

function inGroups<T>(items: readonly T[], size: number): T[][] {
  const groups: T[][] = [];
  for (let index = 0; index < items.length; index += size) {
    groups.push(items.slice(index, index + size));
  }
  return groups;
}

/** Whether no question refuses the symbol; BTC and ETH like any other. */
export function isEligible(symbol: TradedSymbol): boolean {
  return judgeSymbol(symbol).kind === 'allowed';
}
