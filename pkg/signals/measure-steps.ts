import { id, TIMEFRAME_MS, type Candle, type SymbolName, type Timeframe } from '#pkg/domain';
import { DONE, implementTradeStep } from '#pkg/lifecycles';
import { MEASURES, type DailyMeasure, type Measure } from '#pkg/prospects';
import { measureSymbol, type SymbolMeasure } from '#pkg/statistics';
import type { StepHandler } from '#pkg/steps';

import { measureSymbols, tellMeasured } from './definitions.ts';
import type { SignalDependencies } from './dependencies.ts';

/** What every symbol is measured against. */
const LEADER = id<SymbolName>('BTCUSDT');
const CANDLES_READ = 500;
const DAY_MS = TIMEFRAME_MS['1d'];

/** How each symbol moves with BTC, from the candles that are stored. */
export function createMeasureHandlers(dependencies: SignalDependencies): StepHandler[] {
  const { onDirectionsConcluded } = dependencies;
  return [
    implementTradeStep(measureSymbols, async (_context, { symbols, by }) => {
      const names = symbols.map((name) => id<SymbolName>(name));
      await (by === 'hours' ? measureHours : measureDays)(dependencies, names);
      return DONE;
    }),
    implementTradeStep(tellMeasured, async (context) => {
      await onDirectionsConcluded(context);
      return DONE;
    }),
  ];
}

type Parts = Pick<SignalDependencies, 'store' | 'clock'>;

async function measureHours({ store, clock }: Parts, symbols: readonly SymbolName[]) {
  const leader = await listCandles(store, LEADER, '1h');
  for (const symbol of symbols) {
    const before = await MEASURES.find(store.settings, symbol);
    const nowMs = clock.nowMs();
    const own = await listCandles(store, symbol, '1h');
    const found = measureSymbol(own, leader, { timeframe: '1h', nowMs });
    const daily = before?.kind === 'measured' ? before.daily : undefined;
    await MEASURES.save(store.settings, symbol, toMeasure(found, { daily, nowMs }), nowMs);
  }
}

/** Adds the days to what the hours said. Until another day has closed there is nothing to add. */
async function measureDays({ store, clock }: Parts, symbols: readonly SymbolName[]) {
  const untilMs = clock.nowMs() - (clock.nowMs() % DAY_MS);
  let leader: readonly Candle[] | undefined;
  for (const symbol of symbols) {
    const measure = await MEASURES.find(store.settings, symbol);
    if (measure?.kind !== 'measured' || measure.daily?.untilMs === untilMs) continue;
    leader ??= await listCandles(store, LEADER, '1d');
    const own = await listCandles(store, symbol, '1d');
    const nowMs = clock.nowMs();
    const found = measureSymbol(own, leader, { timeframe: '1d', nowMs });
    const correlation = found.kind === 'measured' ? found.rolling.recent : undefined;
    const daily = { untilMs, ...(correlation === undefined ? {} : { correlation }) };
    await MEASURES.save(store.settings, symbol, { ...measure, daily }, nowMs);
  }
}

function listCandles(store: Parts['store'], symbol: SymbolName, timeframe: Timeframe) {
  return store.candles.list(symbol, timeframe, CANDLES_READ);
}

function toMeasure(
  found: SymbolMeasure,
  { daily, nowMs }: { readonly daily: DailyMeasure | undefined; readonly nowMs: number },
): Measure {
  if (found.kind === 'unavailable') return { ...found, atMs: nowMs };
  const { rising, falling } = found.elasticity;
  return {
    kind: 'measured',
    atMs: nowMs,
    moves: found.moves,
    correlation: found.rolling.recent,
    stability: found.rolling.stability,
    elasticity: {
      ...(rising === undefined ? {} : { rising }),
      ...(falling === undefined ? {} : { falling }),
    },
    ...(daily === undefined ? {} : { daily }),
  };
}
