import { id, TIMEFRAMES, type SymbolName, type Timeframe, type TradedSymbol } from '#pkg/domain';
import type { IndicatorName, IndicatorReading } from '#pkg/indicators';
import { deferUntil, DONE, implementTradeStep, judgeSymbol } from '#pkg/lifecycles';
import { planStep, type StepHandler } from '#pkg/steps';
import { LEVELS, MEASURES, type Levels } from '#pkg/prospects';
import type { Readout } from '#pkg/store';

import {
  concludeSymbols,
  finishDirections,
  planDirections,
  readIndicators,
} from './definitions.ts';
import type { SignalDependencies } from './dependencies.ts';
import {
  areOfOneRun,
  concludeDirection,
  planBulks,
  type Conclusion,
} from './rules/conclude-direction.ts';
import { isEligible } from './symbol-steps.ts';

/** Readings of this long before a round was planned still count: boxes' clocks are not quite alike. */
const ROUND_SLACK_MS = 60_000;

const READ_TOO_FAR_APART: Conclusion = {
  kind: 'unclear',
  reason: 'ReadingStale',
  message: 'The readings were taken more than 300 s apart.',
};

/** One round for each timeframe: full bulk requests, then a conclusion for each symbol from what they left. */
export function createDirectionHandlers(dependencies: SignalDependencies): StepHandler[] {
  return [
    createPlan(dependencies),
    createRead(dependencies),
    createConclude(dependencies),
    createFinish(dependencies),
  ];
}

function createPlan(dependencies: SignalDependencies): StepHandler {
  const { indicators, clock } = dependencies;
  return implementTradeStep(planDirections, async (context, { timeframe }) => {
    const before = TIMEFRAMES[TIMEFRAMES.indexOf(timeframe) - 1];
    const symbols =
      before === undefined
        ? await listEligible(dependencies)
        : context
            .responsesOf(concludeSymbols)
            .flatMap((response) => (response.timeframe === before ? response.unclear : []))
            .map((name) => id<SymbolName>(name));
    if (symbols.length === 0) return DONE;
    const sinceMs = clock.nowMs() - ROUND_SLACK_MS;
    return {
      kind: 'expanded',
      children: [
        ...planBulks(symbols, indicators.calculationsMax).map((queries) =>
          planStep(readIndicators, { timeframe, queries: [...queries] }, { index: 1 }),
        ),
        planStep(concludeSymbols, { symbols: [...symbols], timeframe, sinceMs }, { index: 2 }),
      ],
    };
  });
}

/** Returns the symbols that are looked at; the others say why they are not. */
async function listEligible(dependencies: SignalDependencies): Promise<readonly SymbolName[]> {
  const all = await dependencies.store.symbols.list();
  for (const symbol of all) await storeRefusal(dependencies, symbol);
  return all.filter(isEligible).map(({ rules }) => rules.symbol);
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

function createRead({ store, indicators, clock }: SignalDependencies): StepHandler {
  return implementTradeStep(readIndicators, async (context, { timeframe, queries }) => {
    const answer = await indicators.read(
      queries.map(({ symbol, indicator }) => ({
        symbol: id<SymbolName>(symbol),
        timeframe,
        indicator: indicator as IndicatorName,
      })),
      context.signal,
    );
    const nowMs = clock.nowMs();
    if (answer.kind === 'deferred') return deferUntil(nowMs + answer.retryAfterMs, answer.reason);
    await store.readouts.save(answer.readings.flatMap((reading) => toReadout(reading, nowMs)));
    return DONE;
  });
}

function createConclude(dependencies: SignalDependencies): StepHandler {
  const { store, clock } = dependencies;
  return implementTradeStep(concludeSymbols, async (_context, { symbols, timeframe, sinceMs }) => {
    const isLast = timeframe === TIMEFRAMES.at(-1);
    const unclear: SymbolName[] = [];
    for (const symbol of symbols.map((name) => id<SymbolName>(name))) {
      const readouts = await store.readouts.list(symbol, timeframe);
      const ofRound = readouts.filter(({ readAtMs }) => readAtMs >= sinceMs);
      const conclusion = areOfOneRun(ofRound)
        ? concludeDirection(ofRound.map(toReading), { timeframe, nowMs: clock.nowMs() })
        : READ_TOO_FAR_APART;
      if (conclusion.kind === 'unclear' && !isLast) unclear.push(symbol);
      else {
        const levels = levelsOf(ofRound, timeframe);
        if (conclusion.kind === 'concluded' && levels !== undefined) {
          await LEVELS.save(store.settings, symbol, levels, clock.nowMs());
        }
        await saveConclusion(dependencies, symbol, timeframe, conclusion);
      }
    }
    return { kind: 'completed', response: { timeframe, unclear } };
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

/** What the readings say of prices; undefined where they carry no levels, or no price. */
function levelsOf(readouts: readonly Readout[], timeframe: Timeframe): Levels | undefined {
  const valueOf = (indicator: string, name: string): number | undefined =>
    readouts.find((readout) => readout.indicator === indicator)?.values[name]?.[0];
  const [s1, r1, s3, r3] = ['s1', 'r1', 's3', 'r3'].map((name) => valueOf('pivotpoints', name));
  const price = valueOf('candle-comparison', 'close');
  if (s1 === undefined || r1 === undefined || price === undefined) return undefined;
  return {
    ...{ timeframe, price, s1, r1 },
    atMs: Math.max(...readouts.map(({ readAtMs }) => readAtMs)),
    ...(s3 === undefined ? {} : { s3 }),
    ...(r3 === undefined ? {} : { r3 }),
  };
}

function toReadout(reading: IndicatorReading, readAtMs: number): readonly Readout[] {
  if (reading.kind === 'unavailable') return [];
  const { symbol, timeframe, indicator } = reading.query;
  const { values, candleOpenAtMs } = reading;
  return [{ symbol, timeframe, indicator, values, candleOpenAtMs, readAtMs }];
}

function toReading(readout: Readout): IndicatorReading {
  const { symbol, timeframe, values, candleOpenAtMs } = readout;
  const query = { symbol, timeframe, indicator: readout.indicator as IndicatorName };
  return { kind: 'read', query, values, candleOpenAtMs };
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
    // The first pass of a fleet may end before its candles were measured: then the end of that pass looks.
    if ((await MEASURES.list(store.settings)).size > 0) await onDirectionsConcluded(context);
    return DONE;
  });
}
