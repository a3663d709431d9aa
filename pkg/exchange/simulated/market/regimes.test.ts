import { describe, expect, test } from 'vitest';
import { createMarket } from './market.ts';
import { createRegimes } from './regimes.ts';
import { LISTED_SYMBOLS } from './symbols.ts';

const HOUR_MS = 3_600_000;
const DAYS = 90;
const BTC = 0;
const SOL = LISTED_SYMBOLS.findIndex(({ symbol }) => symbol === 'SOLUSDT');

const hourly = (symbol: number, seed = 'kraite'): number[] => {
  const source = createRegimes(seed, LISTED_SYMBOLS);
  const prices = Array.from({ length: DAYS * 24 + 1 }, (_, hour) =>
    source.priceAt(symbol, hour * HOUR_MS),
  );
  return prices.slice(1).map((price, hour) => Math.log(price / (prices[hour] ?? price)));
};

const deviation = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);

function correlation(one: readonly number[], other: readonly number[]): number {
  const both = one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
  return both / one.length / deviation(one) / deviation(other);
}

describe('a market of regimes', () => {
  test('the same seed gives the same prices in whatever order they are asked for', () => {
    const [forward, backward, other] = ['7', '7', '8'].map((seed) =>
      createRegimes(seed, LISTED_SYMBOLS),
    );
    const times = Array.from({ length: 200 }, (_, index) => index * 7_777_777);
    const seen = times.map((time) => forward?.priceAt(SOL, time));
    const again = times.toReversed().map((time) => backward?.priceAt(SOL, time));
    expect(again.toReversed()).toEqual(seen);
    expect(times.map((time) => other?.priceAt(SOL, time))).not.toEqual(seen);
  });

  test('quiet days and stormy ones are far apart', () => {
    const returns = hourly(BTC);
    const halfDays = Array.from({ length: DAYS * 2 }, (_, index) =>
      deviation(returns.slice(index * 12, index * 12 + 12)),
    );
    expect(Math.max(...halfDays) / Math.min(...halfDays)).toBeGreaterThan(6);
    expect(deviation(returns) * Math.sqrt(24 * 365)).toBeGreaterThan(0.4);
    expect(deviation(returns) * Math.sqrt(24 * 365)).toBeLessThan(1.5);
  });

  test('prices jump now and then, and are smooth in between', () => {
    const source = createRegimes('kraite', LISTED_SYMBOLS);
    let jumps = 0;
    let before = source.priceAt(BTC, 0);
    const steps = (DAYS * 24 * HOUR_MS) / 10_000;
    for (let step = 1; step <= steps; step += 1) {
      const price = source.priceAt(BTC, step * 10_000);
      if (Math.abs(price / before - 1) > 0.019) jumps += 1;
      before = price;
    }
    expect(jumps).toBeGreaterThan(2);
    expect(jumps).toBeLessThan(40);
  });

  test('alts follow BTC in part', () => {
    const together = correlation(hourly(SOL), hourly(BTC));
    expect(together).toBeGreaterThan(0.35);
    expect(together).toBeLessThan(0.95);
  });

  test('history leads to the first price, and the crowd leans both ways', () => {
    const startMs = Math.floor(1_777_800_000_000 / HOUR_MS) * HOUR_MS;
    const source = createRegimes('kraite', LISTED_SYMBOLS);
    const sessions = [{ realMs: startMs, marketMs: 0 }];
    const market = createMarket('kraite', sessions, { source });
    const [candle] = market.candles('SOLUSDT', { intervalMs: HOUR_MS, limit: 1 }, startMs - 1);
    expect(candle?.close).toBeCloseTo(market.priceAt('SOLUSDT', startMs), 6);
    expect(market.priceAt('SOLUSDT', startMs)).toBeCloseTo(148.32, 6);
    const leans = Array.from({ length: DAYS * 24 }, (_, hour) =>
      source.leanAt(BTC, hour * HOUR_MS),
    );
    expect(Math.min(...leans)).toBeLessThan(0);
    expect(Math.max(...leans)).toBeGreaterThan(0);
  });
});
