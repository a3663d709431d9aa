import { expect, test } from 'vitest';

import { id, type Candle, type SymbolName } from '#pkg/domain';
import { readKlines } from '#pkg/market-data';
import { MEASURES } from '#pkg/prospects';
import { measureSymbol } from '#pkg/statistics';
import { refreshCandles } from './index.ts';
import { BTC, BTC_SYMBOL } from '../../tests/harness/trade/btc.ts';
import { createTradeBench } from '../../tests/harness/trade/trade-bench.ts';

const DATA = new URL('../../data', import.meta.url).pathname;
const ETH = id<SymbolName>('ETHUSDT');
const HOUR_MS = 3_600_000;

/** An hour that is recorded of both. */
const RECORDED_UNTIL_MS = Date.UTC(2021, 4, 1);

/** The recorded hours before that, moved so that the newest closes at `endMs`. */
function recorded(symbol: string, endMs: number): readonly Candle[] {
  const [series] = readKlines(DATA, { symbol, timeframe: '1h' });
  return (series?.candles ?? [])
    .map((candle) => ({ ...candle, openAtMs: candle.openAtMs + endMs - RECORDED_UNTIL_MS }))
    .filter(({ openAtMs }) => openAtMs < endMs)
    .slice(-510);
}

test('after a pass over the candles it is known how each symbol moves with BTC, and slots are looked at', async () => {
  const bench = await createTradeBench({ slots: { long: 1, short: 0 } });
  const { store, clock } = bench;
  const ethSymbol = { ...BTC_SYMBOL, rules: { ...BTC_SYMBOL.rules, symbol: ETH } };
  await store.symbols.saveVenueSymbols([BTC_SYMBOL, ethSymbol], clock.nowMs());
  clock.advance(HOUR_MS - (clock.nowMs() % HOUR_MS));
  const series = {
    BTCUSDT: recorded('BTCUSDT', clock.nowMs()),
    ETHUSDT: recorded('ETHUSDT', clock.nowMs()),
  };
  await store.candles.save(BTC, '1h', series.BTCUSDT);
  await store.candles.save(ETH, '1h', series.ETHUSDT);
  await bench.runner.submit(refreshCandles, undefined);
  await bench.runner.settle();

  const expected = measureSymbol(series.ETHUSDT, series.BTCUSDT, {
    timeframe: '1h',
    nowMs: clock.nowMs(),
  });
  if (expected.kind === 'unavailable') throw new Error(expected.message);
  const { rolling, moves, elasticity } = expected;
  const measures = await MEASURES.list(store.settings);
  expect(measures.get(ETH)).toEqual({
    kind: 'measured',
    atMs: expect.any(Number) as number,
    moves,
    correlation: rolling.recent,
    stability: rolling.stability,
    elasticity,
    // Nobody has so many days of them.
    daily: { untilMs: clock.nowMs() - (clock.nowMs() % (24 * HOUR_MS)) },
  });
  expect(rolling.recent).toBeGreaterThan(0.5);
  const names = bench.runner.summaries().map(({ name }) => name);
  expect(names).toEqual(['refresh-candles', 'fill-slots']);
});

test('a symbol without candles has a reason instead of figures, whatever letters it is written in', async () => {
  const bench = await createTradeBench();
  const symbol = id<SymbolName>('币安人生USDT');
  const listed = { ...BTC_SYMBOL, rules: { ...BTC_SYMBOL.rules, symbol } };
  await bench.store.symbols.saveVenueSymbols([BTC_SYMBOL, listed], bench.clock.nowMs());
  await bench.runner.submit(refreshCandles, undefined);
  await bench.runner.settle();

  expect(await MEASURES.find(bench.store.settings, symbol)).toMatchObject({
    kind: 'unavailable',
    reason: 'CandlesMissing',
  });
  const values = await bench.store.settings.listByPrefix('measure:');
  for (const name of values.keys()) expect(name).toMatch(/^[ -~]+$/u);
});
