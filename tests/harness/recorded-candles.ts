import type { Candle } from '#pkg/domain';
import { readKlines } from '#pkg/market-data';

const DATA = new URL('../../data', import.meta.url).pathname;

/** Returns the recorded hourly candles of BTCUSDT or ETHUSDT, oldest first. */
export function recordedCandles(symbol: string): readonly Candle[] {
  return readKlines(DATA, { symbol, timeframe: '1h' }).flatMap(({ candles }) => candles);
}
