import { TIMEFRAME_MS, type Candle, type SymbolName, type Timeframe } from '#pkg/domain';

import type { SignalDependencies } from './dependencies.ts';
import { countMissing } from './rules/missing-candles.ts';

/**
 * Closed candles that are kept complete, of each timeframe: these and the open one weigh 2 at the venue (klines with a
 * `limit` under 500), once; after that what is missing weighs 1. The regime looks back 336 hours and its drawdown 500,
 * and the statistics take what there is up to 500.
 */
export const CANDLES_WANTED = 498;

/** Reads what is missing of one series from the venue, holes included, and returns its closed candles. */
export async function completeCandles(
  { store, exchange, clock }: Pick<SignalDependencies, 'store' | 'exchange' | 'clock'>,
  series: { readonly symbol: SymbolName; readonly timeframe: Timeframe },
  signal: AbortSignal,
): Promise<readonly Candle[]> {
  const { symbol, timeframe } = series;
  const wanted = CANDLES_WANTED;
  const stored = await store.candles.list(symbol, timeframe, wanted);
  const missing = countMissing(stored, { timeframe, nowMs: clock.nowMs(), wanted });
  if (missing === 0) return stored;
  const read = await exchange.readCandles(symbol, timeframe, missing, signal);
  // One that is still open would stand for a closed one from the next hour on.
  const openMs = clock.nowMs() - TIMEFRAME_MS[timeframe];
  const closed = read.filter(({ openAtMs }) => openAtMs <= openMs);
  await store.candles.save(symbol, timeframe, closed);
  return store.candles.list(symbol, timeframe, wanted);
}
