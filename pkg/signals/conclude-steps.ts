import {
  id,
  type Direction,
  type SymbolName,
  type Timeframe,
  type TradedSymbol,
} from '#pkg/domain';
import type { IndicatorName } from '#pkg/indicators';
import { implementTradeStep } from '#pkg/lifecycles';
import { LEVELS, PATHS, type Levels, type PathEntry, type ReadingSource } from '#pkg/prospects';
import type { StepHandler } from '#pkg/steps';
import type { Readout } from '#pkg/store';

import { concludeSymbols } from './definitions.ts';
import type { SignalDependencies } from './dependencies.ts';
import { createReadOwn, type ReadOwn } from './own-readings.ts';
import { concludeDirection, type Conclusion, type RunReading } from './rules/conclude-direction.ts';
import { decideDirection, type Decided } from './rules/decide-direction.ts';
import { joinSources } from './rules/join-sources.ts';

interface Round {
  readonly timeframe: Timeframe;
  /** Older readings are of an earlier round. */
  readonly sinceMs: number;
}

/** A round's end: a direction or a reason for each symbol, from what its requests left in the store. */
export function createConcludeHandler(dependencies: SignalDependencies): StepHandler {
  const { store } = dependencies;
  const readOwn = dependencies.readOwn ?? createReadOwn(dependencies);
  return implementTradeStep(concludeSymbols, async (_context, args) => {
    const { symbols, timeframe, sinceMs, claims = {} } = args;
    const rows = new Map((await store.symbols.list()).map((row) => [row.rules.symbol, row]));
    const unclear: SymbolName[] = [];
    const claimsAfter: Record<string, Direction[]> = {};
    for (const symbol of symbols.map((name) => id<SymbolName>(name))) {
      const row = rows.get(symbol);
      if (row === undefined) continue;
      const found = await conclude(dependencies, readOwn, symbol, { timeframe, sinceMs });
      const ladder = { timeframe, standing: row.direction, claims: claims[symbol] ?? [] };
      const decided = decideDirection(found.conclusion, ladder);
      await savePath(dependencies, symbol, timeframe, found);
      if (decided.kind === 'climb') {
        unclear.push(symbol);
        if (decided.claims.length > 0) claimsAfter[symbol] = [...decided.claims];
      } else await saveDecided(dependencies, row, decided, { timeframe, levels: found.levels });
    }
    return { kind: 'completed', response: { timeframe, unclear, claims: claimsAfter } };
  });
}

interface Found {
  readonly conclusion: Conclusion;
  readonly source: ReadingSource;
  readonly levels: Levels | undefined;
}

async function conclude(
  { store, clock }: SignalDependencies,
  readOwn: ReadOwn,
  symbol: SymbolName,
  { timeframe, sinceMs }: Round,
): Promise<Found> {
  const readouts = await store.readouts.list(symbol, timeframe);
  const ofRound = readouts.filter(({ readAtMs }) => readAtMs >= sinceMs);
  // Our own are of when the provider's were taken, so that no hour turns between the two.
  const atMs = Math.min(clock.nowMs(), ...ofRound.map(({ readAtMs }) => readAtMs));
  const own = await readOwn(symbol, timeframe, atMs);
  const joined = joinSources(ofRound.map(toRunReading), own, atMs);
  if (joined.kind === 'disagree') {
    const { message } = joined;
    const conclusion = { kind: 'unclear', reason: 'ReadingsDisagree', message } as const;
    return { conclusion, source: 'both', levels: undefined };
  }
  const { readings, source } = joined;
  const conclusion = concludeDirection(readings, timeframe);
  return { conclusion, source, levels: levelsOf(readings, { timeframe, atMs }) };
}

async function savePath(
  { store, clock }: SignalDependencies,
  symbol: SymbolName,
  timeframe: Timeframe,
  { conclusion, source }: Found,
): Promise<void> {
  const nowMs = clock.nowMs();
  const entry: PathEntry = {
    ...{ timeframe, atMs: nowMs, source },
    ...(conclusion.kind === 'concluded'
      ? { direction: conclusion.direction }
      : { reason: conclusion.reason, message: conclusion.message }),
  };
  // The shortest timeframe begins a new path; a run that is repeated replaces its own entry.
  const before = timeframe === '1h' ? undefined : await PATHS.find(store.settings, symbol);
  const earlier = (before?.entries ?? []).filter((other) => other.timeframe !== timeframe);
  await PATHS.save(store.settings, symbol, { entries: [...earlier, entry] }, nowMs);
}

async function saveDecided(
  { store, clock }: SignalDependencies,
  row: TradedSymbol,
  decided: Exclude<Decided, { readonly kind: 'climb' }>,
  { timeframe, levels }: { readonly timeframe: Timeframe; readonly levels: Levels | undefined },
): Promise<void> {
  const { symbol } = row.rules;
  const atMs = clock.nowMs();
  if (decided.kind === 'concluded' && levels !== undefined) {
    await LEVELS.save(store.settings, symbol, levels, atMs);
  }
  await store.symbols.saveDirection(symbol, { ...verdictOf(row, decided, timeframe), atMs });
}

function verdictOf(
  row: TradedSymbol,
  decided: Exclude<Decided, { readonly kind: 'climb' }>,
  timeframe: Timeframe,
) {
  switch (decided.kind) {
    case 'concluded':
      return { direction: decided.direction, timeframe, reason: undefined };
    case 'doubted':
      return {
        direction: row.direction,
        timeframe: row.directionTimeframe,
        reason: decided.reason,
      };
    case 'none':
      return { direction: undefined, timeframe: undefined, reason: decided.reason };
  }
}

/** What the readings say of prices; undefined where they carry no levels, or no price. */
function levelsOf(
  run: readonly RunReading[],
  { timeframe, atMs }: { readonly timeframe: Timeframe; readonly atMs: number },
): Levels | undefined {
  const valueOf = (indicator: string, name: string): number | undefined =>
    run.find(({ reading }) => reading.query.indicator === indicator)?.reading.values[name]?.[0];
  const [s1, r1, s3, r3] = ['s1', 'r1', 's3', 'r3'].map((name) => valueOf('pivotpoints', name));
  const price = valueOf('candle-comparison', 'close');
  if (s1 === undefined || r1 === undefined || price === undefined) return undefined;
  return {
    ...{ atMs, timeframe, price, s1, r1 },
    ...(s3 === undefined ? {} : { s3 }),
    ...(r3 === undefined ? {} : { r3 }),
  };
}

function toRunReading(readout: Readout): RunReading {
  const { symbol, timeframe, values, candleOpenAtMs, readAtMs } = readout;
  const query = { symbol, timeframe, indicator: readout.indicator as IndicatorName };
  return { reading: { kind: 'read', query, values, candleOpenAtMs }, readAtMs };
}
