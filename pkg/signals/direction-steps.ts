import { id, TIMEFRAMES, type Direction, type SymbolName, type TradedSymbol } from '#pkg/domain';
import type { IndicatorName, IndicatorReading } from '#pkg/indicators';
import { deferUntil, DONE, implementTradeStep, judgeSymbol } from '#pkg/lifecycles';
import { planStep, type StepHandler } from '#pkg/steps';
import { MEASURES } from '#pkg/prospects';
import type { Readout } from '#pkg/store';

import {
  concludeSymbols,
  finishDirections,
  planDirections,
  readIndicators,
} from './definitions.ts';
import { createConcludeHandler } from './conclude-steps.ts';
import type { SignalDependencies } from './dependencies.ts';
import { planBulks } from './rules/conclude-direction.ts';
import { isEligible } from './symbol-steps.ts';

/** Readings of this long before a round was planned still count: boxes' clocks are not quite alike. */
const ROUND_SLACK_MS = 60_000;

type Claims = Record<string, Direction[]>;

/** For so long a silent provider is asked again; readings of one round stay within 300 s of each other. */
const PATIENT_MS = 120_000;

/** One round for each timeframe: full bulk requests, then a conclusion for each symbol from what they left. */
export function createDirectionHandlers(dependencies: SignalDependencies): StepHandler[] {
  return [
    createPlan(dependencies),
    createRead(dependencies),
    createConcludeHandler(dependencies),
    createFinish(dependencies),
  ];
}

function createPlan(dependencies: SignalDependencies): StepHandler {
  const { indicators, clock } = dependencies;
  return implementTradeStep(planDirections, async (context, { timeframe }) => {
    const before = TIMEFRAMES[TIMEFRAMES.indexOf(timeframe) - 1];
    const rounds = context
      .responsesOf(concludeSymbols)
      .filter((response) => response.timeframe === before);
    const symbols =
      before === undefined
        ? await listEligible(dependencies)
        : rounds.flatMap(({ unclear }) => unclear).map((name) => id<SymbolName>(name));
    if (symbols.length === 0) return DONE;
    const claims = Object.assign({}, ...rounds.map((round) => round.claims ?? {})) as Claims;
    const sinceMs = clock.nowMs() - ROUND_SLACK_MS;
    const patientUntilMs = clock.nowMs() + PATIENT_MS;
    return {
      kind: 'expanded',
      children: [
        ...planBulks(symbols, indicators.calculationsMax).map((queries) =>
          planStep(
            readIndicators,
            { timeframe, queries: [...queries], patientUntilMs },
            { index: 1 },
          ),
        ),
        planStep(
          concludeSymbols,
          { symbols: [...symbols], timeframe, sinceMs, claims },
          { index: 2 },
        ),
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
  return implementTradeStep(readIndicators, async (context, args) => {
    const { timeframe, queries, patientUntilMs = Number.POSITIVE_INFINITY } = args;
    const answer = await indicators.read(
      queries.map(({ symbol, indicator }) => ({
        symbol: id<SymbolName>(symbol),
        timeframe,
        indicator: indicator as IndicatorName,
      })),
      context.signal,
    );
    const nowMs = clock.nowMs();
    if (answer.kind === 'deferred') {
      // A provider that is away leaves the round to our own candles; a spent budget is only waited for.
      const isGivenUp = answer.reason === 'ProviderUnreachable' && nowMs >= patientUntilMs;
      return isGivenUp ? DONE : deferUntil(nowMs + answer.retryAfterMs, answer.reason);
    }
    await store.readouts.save(answer.readings.flatMap((reading) => toReadout(reading, nowMs)));
    return DONE;
  });
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
      symbols.filter((symbol) => symbol.direction === direction && symbol.reason === undefined)
        .length;
    const disagreed = symbols.filter(({ reason }) => reason === 'ReadingsDisagree').length;
    const long = count('long');
    const short = count('short');
    await events.record({
      kind: 'DirectionsConcluded',
      message:
        `${long} symbols point up, ${short} down, ${symbols.length - long - short} have no direction` +
        `${disagreed === 0 ? '' : `, ${disagreed} of them because the provider and the venue's candles disagree`}.`,
    });
    // The first pass of a fleet may end before its candles were measured: then the end of that pass looks.
    if ((await MEASURES.list(store.settings)).size > 0) await onDirectionsConcluded(context);
    return DONE;
  });
}
