import { describe, expect, test } from 'vitest';

import { price } from '#pkg/domain';
import { BTC } from '../../../tests/harness/trade/btc.ts';
import { opened } from '../../../tests/harness/trade/facts.ts';
import type { TradeBench } from '../../../tests/harness/trade/trade-bench.ts';
import { findSymbolCooldown, isLargeMove } from './symbol-cooldown.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

async function closeAfterDay(bench: TradeBench, dayClose: number): Promise<number | undefined> {
  const openAtMs = Math.floor(bench.clock.nowMs() / DAY_MS) * DAY_MS - DAY_MS;
  const candle = {
    openAtMs,
    open: dayClose,
    high: dayClose,
    low: dayClose,
    close: dayClose,
    volume: 1,
  };
  await bench.store.candles.save(BTC, '1d', [
    candle,
    { ...candle, openAtMs: openAtMs + DAY_MS, close: 1 },
  ]);
  bench.venue.setMark(60_300);
  await bench.stream();
  return findSymbolCooldown(bench.store.settings, BTC, bench.clock.nowMs());
}

describe('a symbol after a close', () => {
  test.each([
    [price('115'), true],
    [price('114.99'), false],
    [price('85'), true],
    [price('85.01'), false],
  ])('at %s, where the day closed at 100, has moved far: %s', (at, isLarge) => {
    const candles = [{ openAtMs: 0, close: 100 }];
    expect(isLargeMove(at, candles, DAY_MS)).toBe(isLarge);
    expect(isLargeMove(at, candles, DAY_MS - 1)).toBe(false);
  });

  test('15 % from its day is left alone for 72 hours, and says so', async () => {
    const bench = await opened();
    const untilMs = await closeAfterDay(bench, 50_000);
    expect(untilMs).toBeGreaterThan(bench.clock.nowMs() + 71.9 * HOUR_MS);
    expect(await bench.eventKinds()).toContain('SymbolCooling');
    bench.clock.advance(72 * HOUR_MS);
    const { settings } = bench.store;
    expect(await findSymbolCooldown(settings, BTC, bench.clock.nowMs())).toBeUndefined();
  });

  test('near its day may be opened again at once', async () => {
    const bench = await opened();
    expect(await closeAfterDay(bench, 59_000)).toBeUndefined();
  });

  test('is closed although no day of it is known (incident 19)', async () => {
    const bench = await opened();
    bench.venue.setMark(60_300);
    await bench.stream();
    expect((await bench.store.positions.list({ limit: 1 }))[0]?.status).toBe('closed');
  });
});
