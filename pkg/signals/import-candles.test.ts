import { expect, test } from 'vitest';

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
  const { store } = await createTradeBench();
  const expected = {
    kind: 'imported',
    series: [{ symbol: BTC, timeframe: '1h', read: 600, stored: 500 }],
  };
  expect(await importCandles({ store }, [series(BTC)])).toMatchObject(expected);
  expect(await importCandles({ store }, [series(BTC)])).toMatchObject(expected);
  expect(await store.candles.list(BTC, '1h', 1_000)).toEqual(candles.slice(-500));
  // The nightly pruning has nothing to take away.
  expect(await store.candles.prune(500)).toBe(0);
});

test('with a symbol that the fleet does not know, nothing is stored', async () => {
  const { store } = await createTradeBench();
  const found = await importCandles({ store }, [series(BTC), series('NONEUSDT')]);
  expect(found).toMatchObject({
    kind: 'refused',
    message: expect.stringContaining('NONEUSDT') as string,
  });
  expect(await store.candles.list(BTC, '1h', 10)).toEqual([]);
});
