/** The provider's readings beside those from the venue's own candles, both as a fleet reads them from a market. */
import { expect, test } from 'vitest';

import { createSystemClock } from '#pkg/base';
import { createMemoryLeasedBudget } from '#pkg/budgets';
import { id, TIMEFRAMES, type Candle, type SymbolName } from '#pkg/domain';
import {
  computeReadings,
  createTaapiIndicators,
  findDisagreement,
  type IndicatorName,
  type IndicatorQuery,
} from '#pkg/indicators';
import { createSilentLogger } from '#pkg/observability';
import { startSimulatedVenue } from '../../pkg/exchange/simulated/index.ts';

const COMPARED: readonly IndicatorName[] = [
  'candle-comparison',
  'ema-40',
  'ema-80',
  'ema-120',
  'chop',
];
const SYMBOLS = ['BTCUSDT', 'SOLUSDT', 'FILUSDT', 'DOGEUSDT', 'HBARUSDT'];
const clock = createSystemClock();
const { signal } = new AbortController();

test('on every timeframe the provider and the candles of the venue say the same, whatever a price is rounded to', async () => {
  await using venue = await startSimulatedVenue({
    accounts: [],
    taapi: { listen: { host: '127.0.0.1', port: 0 }, secret: 'taapi-secret' },
  });
  await using indicators = createTaapiIndicators(
    { budget: createMemoryLeasedBudget(clock), clock, logger: createSilentLogger() },
    { url: venue.urls.taapi ?? '', secret: 'taapi-secret', bindAddress: undefined },
  );
  const compared: string[] = [];
  for (const symbol of SYMBOLS.map((name) => id<SymbolName>(name))) {
    for (const timeframe of TIMEFRAMES) {
      const queries = COMPARED.map((indicator): IndicatorQuery => ({
        symbol,
        timeframe,
        indicator,
      }));
      const atMs = clock.nowMs();
      const answer = await indicators.read(queries, signal);
      if (answer.kind !== 'answered') throw new Error(answer.reason);
      const candles = await readCandles(`${venue.urls.rest}/fapi/v1/klines`, symbol, timeframe);
      const own = computeReadings(candles, { symbol, timeframe, atMs, price: 1 });
      expect(own).toHaveLength(6);
      const message = findDisagreement(answer.readings, own, candles);
      expect({ symbol, timeframe, message }).toEqual({ symbol, timeframe, message: undefined });
      compared.push(...answer.readings.map(({ kind }) => kind));
    }
  }
  expect(new Set(compared)).toEqual(new Set(['read']));
});

async function readCandles(url: string, symbol: string, interval: string): Promise<Candle[]> {
  const answer = await fetch(`${url}?symbol=${symbol}&interval=${interval}&limit=499`);
  const rows = (await answer.json()) as readonly (readonly (string | number)[])[];
  return rows.map((row) => {
    const [openAtMs = 0, open = 0, high = 0, low = 0, close = 0, volume = 0] = row.map(Number);
    return { openAtMs, open, high, low, close, volume };
  });
}
