import { TIMEFRAME_MS, type Candle, type SymbolName } from '#pkg/domain';

import type { SignalDependencies } from './dependencies.ts';

/** 499 candles weigh 2 at the venue, 1,000 weigh 5 and 1,500 weigh 10: so many are the cheapest by far. */
const CANDLES_PER_REQUEST = 499;
const HOUR_MS = TIMEFRAME_MS['1h'];
/** Two years, as `judgeSetup` wants them. */
const HOURS_WANTED = 730 * 24;

/**
 * Reads the closed hourly candles of two years, or of as long as the venue has them, oldest first: 36 requests of weight 2.
 * They are not stored: a fleet of 600 symbols would keep ten million rows for what is looked at once a month.
 */
export async function readHistory(
  { exchange, clock }: Pick<SignalDependencies, 'exchange' | 'clock'>,
  symbol: SymbolName,
  signal: AbortSignal,
): Promise<readonly Candle[]> {
  const found: Candle[][] = [];
  let count = 0;
  let untilMs = Math.floor(clock.nowMs() / HOUR_MS) * HOUR_MS - HOUR_MS;
  while (count < HOURS_WANTED) {
    const page = await exchange.readCandles(symbol, '1h', CANDLES_PER_REQUEST, signal, untilMs);
    const older = page.filter(({ openAtMs }) => openAtMs <= untilMs);
    const [oldest] = older;
    if (oldest === undefined) break;
    found.push(older);
    count += older.length;
    if (older.length < CANDLES_PER_REQUEST) break;
    untilMs = oldest.openAtMs - HOUR_MS;
  }
  return found.toReversed().flat();
}
