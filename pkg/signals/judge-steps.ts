import { id, type Direction, type SymbolName } from '#pkg/domain';
import { deferUntil, DONE, implementTradeStep } from '#pkg/lifecycles';
import { planStep, type StepContext, type StepHandler } from '#pkg/steps';

import { judgeLadderStep, judgeSymbols, planJudging, tellJudged } from './definitions.ts';
import type { SignalDependencies } from './dependencies.ts';
import { judgeLadders, ladderSetupsOf } from './judge-ladders.ts';
import { readHistory } from './read-history.ts';

/** So many symbols one after the other, then one each so often: 72 weight each, so that an address keeps half of its 2,400. */
const AT_ONCE = 14;
const PACE_MS = 4_000;

export const JUDGE_KEY = 'judge-symbols';

export interface Unjudged {
  readonly symbol: SymbolName;
  readonly direction: Direction;
}

/** Has the ladders of symbols judged that have no verdict yet. While others are judged it does nothing: the next look asks again. */
export async function requestJudging(
  context: StepContext,
  symbols: readonly Unjudged[],
): Promise<void> {
  if (symbols.length === 0) return;
  await context.submit(judgeSymbols, { symbols }, { dedupeKey: JUDGE_KEY });
}

/** The backtest before a symbol may take a slot. */
export function createJudgeHandlers(dependencies: SignalDependencies): StepHandler[] {
  const { store, clock, onDirectionsConcluded } = dependencies;
  return [
    implementTradeStep(planJudging, async (_context, { symbols }) => {
      const nowMs = clock.nowMs();
      return {
        kind: 'expanded',
        children: [
          ...symbols.map((one, at) => {
            const notBeforeMs = nowMs + Math.max(0, at - AT_ONCE) * PACE_MS;
            return planStep(judgeLadderStep, { ...one, notBeforeMs }, { index: at + 1 });
          }),
          planStep(tellJudged, {}, { index: symbols.length + 1 }),
        ],
      };
    }),
    implementTradeStep(judgeLadderStep, async (context, { symbol, direction, notBeforeMs }) => {
      if (clock.nowMs() < notBeforeMs) return deferUntil(notBeforeMs, 'AddressBudgetSpent');
      const name = id<SymbolName>(symbol);
      const candles = await readHistory(dependencies, name, context.signal);
      const setups = ladderSetupsOf(await store.accounts.list(), [direction]);
      const approvals = await judgeLadders(store, name, { candles, setups, nowMs: clock.nowMs() });
      if (approvals.some(({ kind }) => kind !== 'reject')) await onDirectionsConcluded(context);
      return DONE;
    }),
    implementTradeStep(tellJudged, async (context) => {
      // What this look finds without a verdict is asked for anew.
      await context.releaseKey(JUDGE_KEY);
      await onDirectionsConcluded(context);
      return DONE;
    }),
  ];
}
