import { expect, test } from 'vitest';

import { createManualClock, createSeededRandom } from '#pkg/base';
import { id, TIMEFRAME_MS, type Candle, type SymbolName, type Timeframe } from '#pkg/domain';
import type { Exchange } from '#pkg/exchange';
import { judgeMarket, readMarketFacts } from '#pkg/lifecycles';
import { createMemoryPriceBoard } from '#pkg/market-data';
import { createMemoryStore } from '../store/memory/store.ts';
import { BTC_SYMBOL } from '../../tests/harness/trade/btc.ts';
import { createFakeIndicators } from '../../tests/harness/trade/fake-indicators.ts';
import { createStepRunner } from '../../tests/harness/trade/step-runner.ts';
import { createSignalHandlers, scoreMarketHourly, watchMarketMinutely } from './index.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const BASKET = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'BNBUSDT', 'XRPUSDT'].map((name) =>
  id<SymbolName>(name),
);
const LENGTH_MS: Readonly<Record<Timeframe | '1m', number>> = { ...TIMEFRAME_MS, '1m': MINUTE_MS };

async function watchedMarket() {
  const clock = createManualClock();
  clock.advance(10 * HOUR_MS - (clock.nowMs() % HOUR_MS) + MINUTE_MS);
  const store = createMemoryStore({ clock });
  const prices = createMemoryPriceBoard();
  const requests: string[] = [];
  const events: string[] = [];
  let looks = 0;
  const readCandles: Exchange['readCandles'] = async (symbol, timeframe, limit) => {
    requests.push(`${symbol} ${timeframe} ${limit}`);
    return candlesOf(symbol, clock.nowMs(), { lengthMs: LENGTH_MS[timeframe], limit });
  };
  const handlers = createSignalHandlers({
    store,
    prices,
    clock,
    // Of the venue only its candles are asked for here.
    exchange: { readCandles } as Exchange,
    indicators: createFakeIndicators(clock).port,
    events: {
      record: async ({ kind }) => {
        events.push(kind);
      },
    },
    onDirectionsConcluded: async () => {
      looks += 1;
    },
  });
  const runner = createStepRunner({ clock, handlers: () => handlers });
  const symbols = BASKET.map((symbol) => ({
    ...BTC_SYMBOL,
    rules: { ...BTC_SYMBOL.rules, symbol },
  }));
  await store.symbols.saveVenueSymbols(symbols, clock.nowMs());
  return {
    clock,
    store,
    requests,
    events,
    looks: () => looks,
    score: async () => {
      await runner.submit(scoreMarketHourly, undefined);
      await runner.settle();
    },
    /** A look of the breaker, at marks that lie so far from where the candles left them. */
    watch: async (move = 0) => {
      const atMs = clock.nowMs();
      const mark = String(100 * (1 + move));
      await prices.write(BASKET.map((symbol) => ({ symbol, mark, atMs })));
      await runner.submit(watchMarketMinutely, undefined);
      await runner.settle();
    },
    answer: async () => judgeMarket(await readMarketFacts(store.settings), clock.nowMs()),
  };
}

/** Small moves around 100, the same for a candle whenever it is asked for. */
function candlesOf(
  symbol: SymbolName,
  nowMs: number,
  { lengthMs, limit }: { readonly lengthMs: number; readonly limit: number },
): readonly Candle[] {
  const openNow = Math.floor(nowMs / lengthMs);
  return Array.from({ length: limit }, (_, index) => {
    const at = openNow - limit + 1 + index;
    const random = createSeededRandom(`${symbol} ${at}`);
    const [open, close] = [100 + 0.1 * random.normal(), 100 + 0.1 * random.normal()];
    const [high, low] = [Math.max(open, close), Math.min(open, close)];
    return { openAtMs: at * lengthMs, open, high, low, close, volume: 1 };
  });
}

test('one request for each of five symbols scores the market, and the first look fills the hour', async () => {
  const market = await watchedMarket();
  await market.score();
  expect(market.requests).toEqual(BASKET.map((symbol) => `${symbol} 1h 499`));
  expect(await market.answer()).toMatchObject({ kind: 'refused', reason: 'MarkSamplesMissing' });
  await market.watch();
  expect(market.requests).toHaveLength(10);
  expect(await market.answer()).toMatchObject({ kind: 'allowed', score: 0 });
  expect(market.looks()).toBe(1);
});

test('an hour later only what is missing is read, and a look reads nothing', async () => {
  const market = await watchedMarket();
  await market.score();
  await market.watch();
  market.clock.advance(MINUTE_MS);
  await market.watch();
  market.clock.advance(HOUR_MS - MINUTE_MS);
  await market.score();
  expect(market.requests.slice(10)).toEqual(BASKET.map((symbol) => `${symbol} 1h 2`));
});

test('the market is scored though BTC itself is not eligible to be traded (incident 32)', async () => {
  const market = await watchedMarket();
  const [btc] = await market.store.symbols.list();
  expect(btc?.brackets).toEqual([]);
  await market.score();
  await market.watch();
  expect((await market.answer()).kind).toBe('allowed');
});

test('a score of two hours ago and marks that nobody looks at refuse, each with its word (incident 52)', async () => {
  const market = await watchedMarket();
  await market.score();
  await market.watch();
  market.clock.advance(4 * MINUTE_MS);
  expect(await market.answer()).toMatchObject({ kind: 'refused', reason: 'MarkSamplesMissing' });
  market.clock.advance(116 * MINUTE_MS);
  expect(await market.answer()).toMatchObject({ kind: 'refused', reason: 'RegimeStale' });
});

test('a score that lies in the future refuses (incident 34)', async () => {
  const market = await watchedMarket();
  await market.score();
  const facts = await readMarketFacts(market.store.settings);
  expect(judgeMarket(facts, market.clock.nowMs() - 2 * HOUR_MS)).toMatchObject({
    kind: 'refused',
    reason: 'RegimeStale',
  });
});

test('the second look in a row at a fall pauses openings for an hour, and says so once', async () => {
  const market = await watchedMarket();
  await market.score();
  await market.watch();
  market.clock.advance(MINUTE_MS);
  await market.watch(-0.08);
  expect((await market.answer()).kind).toBe('allowed');
  for (const move of [-0.08, -0.08, 0]) {
    market.clock.advance(MINUTE_MS);
    await market.watch(move);
  }
  expect(await market.answer()).toMatchObject({ kind: 'refused', reason: 'MarketShock' });
  expect(market.events.filter((kind) => kind === 'MarketShock')).toHaveLength(1);
});
