import { expect, test } from 'vitest';

import { APPROVALS } from '#pkg/prospects';
import { randomCandles } from '../../tests/harness/random-candles.ts';
import { BTC } from '../../tests/harness/trade/btc.ts';
import { createTradeBench } from '../../tests/harness/trade/trade-bench.ts';
import { importCandles } from './index.ts';

const candles = randomCandles('import', { count: 600, volatility: 0.01 });
const series = (symbol: string, from = 0) => ({
  symbol,
  timeframe: '1h' as const,
  files: [],
  candles: candles.slice(from),
});

test('the newest 500 of a series are stored, and again makes no difference', async () => {
  const { store, clock } = await createTradeBench();
  const expected = {
    kind: 'imported',
    series: [{ symbol: BTC, timeframe: '1h', read: 600, stored: 500 }],
  };
  expect(await importCandles({ store, clock }, [series(BTC)])).toMatchObject(expected);
  expect(await importCandles({ store, clock }, [series(BTC)])).toMatchObject(expected);
  expect(await store.candles.list(BTC, '1h', 1_000)).toEqual(candles.slice(-500));
  // The nightly pruning has nothing to take away.
  expect(await store.candles.prune(500)).toBe(0);
});

test('with a symbol that the fleet does not know, nothing is stored', async () => {
  const { store, clock } = await createTradeBench();
  const found = await importCandles({ store, clock }, [series(BTC), series('NONEUSDT')]);
  expect(found).toMatchObject({
    kind: 'refused',
    message: expect.stringContaining('NONEUSDT') as string,
  });
  expect(await store.candles.list(BTC, '1h', 10)).toEqual([]);
});

test('ladders are judged over a whole file that is long and of now, and over no other', async () => {
  const { store, clock } = await createTradeBench();
  const hourMs = 3_600_000;
  const judge = async (hours: number, endsDaysAgo: number) => {
    const firstMs = clock.nowMs() - (endsDaysAgo * 24 + hours) * hourMs;
    const waves = Array.from({ length: hours }, (_, at) => {
      const open = 100 + 0.4 * Math.sin(at);
      const values = { open, high: open * 1.006, low: open * 0.994, close: open, volume: 1 };
      return { openAtMs: firstMs + at * hourMs, ...values };
    });
    const found = await importCandles({ store, clock }, [{ ...series(BTC), candles: waves }]);
    return found.kind === 'imported' ? found.series[0]?.verdicts : found.message;
  };
  expect(await judge(2_100, 1)).toEqual([]);
  expect(await judge(2_500, 40)).toEqual([]);
  expect(await APPROVALS.find(store.settings, BTC)).toBeUndefined();
  expect(await judge(2_500, 1)).toEqual(['long approve', 'short approve']);
  const known = await APPROVALS.find(store.settings, BTC);
  expect(Object.values(known?.ladders ?? {})).toMatchObject([
    { kind: 'approve', candles: 2_500 },
    { kind: 'approve', candles: 2_500 },
  ]);
});
