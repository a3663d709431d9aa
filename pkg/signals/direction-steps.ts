import { id, TIMEFRAMES, type SymbolName, type Timeframe, type TradedSymbol } from '#pkg/domain';
import type { IndicatorReading } from '#pkg/indicators';
import { deferUntil, DONE, implementTradeStep, judgeSymbol } from '#pkg/lifecycles';
import { planStep, type StepHandler } from '#pkg/steps';
import type { Readout } from '#pkg/store';

import { concludeSymbols, finishDirections, planDirections } from './definitions.ts';
import type { SignalDependencies } from './dependencies.ts';
import {
  ASKED_INDICATORS,
  concludeDirection,
  groupForBulk,
  type Conclusion,
} from './rules/conclude-direction.ts';
import { isEligible } from './symbol-steps.ts';

/** One pass: bulk readings on the shortest timeframe, then the next one for what stayed unclear. */
export function createDirectionHandlers(dependencies: SignalDependencies): StepHandler[] {
  return [createPlan(dependencies), createConclude(dependencies), createFinish(dependencies)];
}

function createPlan(dependencies: SignalDependencies): StepHandler {
  const { store, indicators } = dependencies;
  return implementTradeStep(planDirections, async () => {
    const all = await store.symbols.list();
    for (const symbol of all) await storeRefusal(dependencies, symbol);
    const symbols = all.filter(isEligible).map((symbol) => symbol.rules.symbol);
    if (symbols.length === 0) return DONE;
    const [timeframe] = TIMEFRAMES;
    return {
      kind: 'expanded',
      children: groupForBulk(symbols, indicators.calculationsMax).map((group) =>
        planStep(concludeSymbols, { symbols: [...group], timeframe }, { index: 1 }),
      ),
    };
  });
}

/** A symbol that is not looked at keeps no direction of better days, and says why. */
async function storeRefusal(
  { store, clock }: SignalDependencies,
  symbol: TradedSymbol,
): Promise<void> {
  const decision = judgeSymbol(symbol);
  if (decision.kind === 'allowed') return;
  const { reason } = decision;
  if (symbol.direction === undefined && symbol.reason === reason) return;
  await store.symbols.saveDirection(symbol.rules.symbol, {
    direction: undefined,
    timeframe: undefined,
    reason,
    atMs: clock.nowMs(),
  });
}

function createConclude(dependencies: SignalDependencies): StepHandler {
  const { store, indicators, clock } = dependencies;
  return implementTradeStep(concludeSymbols, async (context, args) => {
    const timeframe: Timeframe = args.timeframe;
    const symbols = args.symbols.map((name) => id<SymbolName>(name));
    const queries = symbols.flatMap((symbol) =>
      ASKED_INDICATORS.map((indicator) => ({ symbol, timeframe, indicator })),
    );
    const answer = await indicators.read(queries, context.signal);
    if (answer.kind === 'deferred') {
      return deferUntil(clock.nowMs() + answer.retryAfterMs, answer.reason);
    }
    const nowMs = clock.nowMs();
    await store.readouts.save(answer.readings.flatMap((reading) => toReadout(reading, nowMs)));
    const next = TIMEFRAMES[TIMEFRAMES.indexOf(timeframe) + 1];
    const unclear: SymbolName[] = [];
    for (const symbol of symbols) {
      const readings = answer.readings.filter((reading) => reading.query.symbol === symbol);
      const conclusion = concludeDirection(readings, { timeframe, nowMs });
      if (conclusion.kind === 'unclear' && next !== undefined) unclear.push(symbol);
      else await saveConclusion(dependencies, symbol, timeframe, conclusion);
    }
    if (unclear.length === 0 || next === undefined) return DONE;
    const child = planStep(concludeSymbols, { symbols: unclear, timeframe: next }, { index: 1 });
    return { kind: 'expanded', children: [child] };
  });
}

async function saveConclusion(
  { store, clock }: SignalDependencies,
  symbol: SymbolName,
  timeframe: Timeframe,
  conclusion: Conclusion,
): Promise<void> {
  const atMs = clock.nowMs();
  await store.symbols.saveDirection(
    symbol,
    conclusion.kind === 'concluded'
      ? { direction: conclusion.direction, timeframe, reason: undefined, atMs }
      : { direction: undefined, timeframe: undefined, reason: conclusion.reason, atMs },
  );
}

function toReadout(reading: IndicatorReading, readAtMs: number): readonly Readout[] {
  if (reading.kind === 'unavailable') return [];
  const { symbol, timeframe, indicator } = reading.query;
  const { values, candleOpenAtMs } = reading;
  return [{ symbol, timeframe, indicator, values, candleOpenAtMs, readAtMs }];
}

function createFinish(dependencies: SignalDependencies): StepHandler {
  const { store, events, onDirectionsConcluded } = dependencies;
  return implementTradeStep(finishDirections, async (context) => {
    const symbols = (await store.symbols.list()).filter(isEligible);
    const count = (direction: string): number =>
      symbols.filter((symbol) => symbol.direction === direction).length;
    const long = count('long');
    const short = count('short');
    await events.record({
      kind: 'DirectionsConcluded',
      message: `${long} symbols point up, ${short} down, ${symbols.length - long - short} have no direction.`,
    });
    await onDirectionsConcluded(context);
    return DONE;
  });
}
