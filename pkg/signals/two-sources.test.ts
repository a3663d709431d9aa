import { describe, expect, test } from 'vitest';

import type { Candle } from '#pkg/domain';
import { PATHS } from '#pkg/prospects';
import { BTC } from '../../tests/harness/trade/btc.ts';
import { createTradeBench, type TradeBench } from '../../tests/harness/trade/trade-bench.ts';
import { concludeDirections } from './index.ts';

const HOUR_MS = 3_600_000;
const ONE_LONG_SLOT = { slots: { long: 1, short: 0 } } as const;

/** Hourly candles that rise evenly to 60,000 and whose last one has just closed. */
async function storeRise({ store, clock }: TradeBench): Promise<void> {
  const openMs = Math.floor(clock.nowMs() / HOUR_MS) * HOUR_MS;
  const candles = Array.from({ length: 300 }, (_, back): Candle => {
    const close = 59_900 * 0.999 ** back;
    const open = close * 0.999;
    return {
      openAtMs: openMs - (back + 1) * HOUR_MS,
      open,
      high: close,
      low: open,
      close,
      volume: 1,
    };
  });
  await store.candles.save(BTC, '1h', candles);
}

async function conclude(bench: TradeBench) {
  await bench.runner.submit(concludeDirections, undefined);
  await bench.runner.settle();
  const symbol = await bench.store.symbols.find(BTC);
  const path = await PATHS.find(bench.store.settings, BTC);
  return { direction: symbol?.direction, reason: symbol?.reason, path: path?.entries ?? [] };
}

describe('two sources of readings', () => {
  test('without candles the provider stands alone', async () => {
    const bench = await createTradeBench(ONE_LONG_SLOT);
    expect(await conclude(bench)).toMatchObject({
      direction: 'long',
      path: [{ timeframe: '1h', direction: 'long', source: 'provider' }],
    });
  });

  test('a provider that contradicts the candles is not followed, and it is shown in what', async () => {
    const bench = await createTradeBench(ONE_LONG_SLOT);
    await storeRise(bench);
    const { path, ...found } = await conclude(bench);
    expect(found).toEqual({ direction: undefined, reason: 'ReadingsDisagree' });
    expect(path).toMatchObject([{ timeframe: '1h', reason: 'ReadingsDisagree', source: 'both' }]);
    expect(path[0]?.message).toMatch(/^candle-comparison|ema-40 is 2 at the provider/u);
    expect(await bench.store.positions.listOpen()).toEqual([]);
    const [event] = await bench.store.events.listNewest(10);
    expect(event?.message).toContain('1 of them because the provider and the venue');
  });

  test('a provider without candles of a symbol is stood in for', async () => {
    const bench = await createTradeBench(ONE_LONG_SLOT);
    await storeRise(bench);
    bench.indicators.state = 'silent';
    expect(await conclude(bench)).toMatchObject({
      direction: 'long',
      path: [{ timeframe: '1h', direction: 'long', source: 'candles' }],
    });
    expect(await bench.store.positions.listOpen()).toHaveLength(1);
  });

  test('a provider that is away is asked for two minutes, then the candles must do', async () => {
    const bench = await createTradeBench(ONE_LONG_SLOT);
    await storeRise(bench);
    bench.indicators.state = 'away';
    const beganMs = bench.clock.nowMs();
    expect(await conclude(bench)).toMatchObject({ direction: 'long' });
    const tookMs = bench.clock.nowMs() - beganMs;
    expect(tookMs).toBeGreaterThanOrEqual(120_000);
    expect(tookMs).toBeLessThan(140_000);
  });

  test('where neither speaks the symbol says what is missing', async () => {
    const bench = await createTradeBench(ONE_LONG_SLOT);
    bench.indicators.state = 'silent';
    const { path, reason } = await conclude(bench);
    expect(reason).toBe('ReadingMissing');
    expect(path.map(({ timeframe }) => timeframe)).toEqual(['1h', '4h', '1d']);
    expect(path[0]?.message).toContain('No reading of candle-comparison, ema-40');
  });
});

test('a symbol that turns around in the hour alone keeps its old direction, and nothing is opened by it', async () => {
  const bench = await createTradeBench(ONE_LONG_SLOT);
  await bench.store.symbols.saveDirection(BTC, {
    ...{ direction: 'short', timeframe: '1h', reason: undefined },
    atMs: bench.clock.nowMs(),
  });
  bench.indicators.unclearFrom = '4h';
  const found = await conclude(bench);
  expect(found).toMatchObject({ direction: 'short', reason: 'EarlyDirectionChange' });
  expect(found.path.map(({ timeframe, direction }) => [timeframe, direction])).toEqual([
    ['1h', 'long'],
    ['4h', undefined],
    ['1d', undefined],
  ]);
  expect(await bench.store.positions.listOpen()).toEqual([]);

  // The next hour 4h agrees.
  bench.indicators.unclearFrom = undefined;
  expect(await conclude(bench)).toMatchObject({ direction: 'long', reason: undefined });
  expect(await bench.store.positions.listOpen()).toHaveLength(1);
});
