/**
 * A whole life driven by ccxt's binanceusdm, unchanged but for its `urls`.
 *
 * Goal: what the SDK of the other suite takes for granted, an independent client with its own view of the
 * venue reads as well: unified markets, candles, orders, positions, streams.
 */
import * as ccxt from 'ccxt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSimulatedVenue, type SimulatedVenue } from '#pkg/exchange/simulated';

const KEY = 'ccxt-key';
const SECRET = 'ccxt-secret';
const SYMBOL = 'SOL/USDT:USDT';
const HOUR_MS = 3_600_000;

let venue: SimulatedVenue;
let client: InstanceType<typeof ccxt.pro.binanceusdm>;
beforeAll(async () => {
  venue = await startSimulatedVenue({ accounts: [{ key: KEY, secret: SECRET, balance: '10000' }] });
  const { rest } = venue.urls;
  const socket = rest.replace('http:', 'ws:');
  client = new ccxt.pro.binanceusdm({
    apiKey: KEY,
    secret: SECRET,
    urls: {
      api: {
        fapiPublic: `${rest}/fapi/v1`,
        fapiPublicV2: `${rest}/fapi/v2`,
        fapiPublicV3: `${rest}/fapi/v3`,
        fapiPrivate: `${rest}/fapi/v1`,
        fapiPrivateV2: `${rest}/fapi/v2`,
        fapiPrivateV3: `${rest}/fapi/v3`,
        fapiData: `${rest}/futures/data`,
        sapi: `${rest}/sapi/v1`,
        ws: { future: `${socket}/ws`, 'ws-api': { future: `${socket}/ws-fapi/v1` } },
      },
    },
  });
});
beforeAll(async () => {
  // It asks for this before it opens ws:// instead of wss://.
  await client.loadHttpProxyAgent();
});
afterAll(async () => {
  await client.close();
  await venue[Symbol.asyncDispose]();
});

test('it reads the market', async () => {
  const markets = await client.loadMarkets();
  const market = markets[SYMBOL];
  expect(market).toMatchObject({
    id: 'SOLUSDT',
    active: true,
    swap: true,
    linear: true,
    precision: { amount: 0.01, price: 0.01 },
    limits: { cost: { min: 5 } },
  });
  expect(Math.abs((await client.fetchTime()) ?? 0)).toBeGreaterThan(0);
  const candles = await client.fetchOHLCV(SYMBOL, '1h', undefined, 100);
  expect(candles).toHaveLength(100);
  const marks = await client.fetchMarkOHLCV(SYMBOL, '1h', undefined, 10);
  const indexes = await client.fetchIndexOHLCV(SYMBOL, '1h', undefined, 10);
  const premiums = await client.fetchPremiumIndexOHLCV(SYMBOL, '1h', undefined, 10);
  for (const each of [marks, indexes, premiums]) expect(each).toHaveLength(10);
  const ticker = await client.fetchTicker(SYMBOL);
  const book = await client.fetchOrderBook(SYMBOL, 10);
  expect(Number(book.bids[0]?.[0])).toBeLessThan(Number(book.asks[0]?.[0]));
  expect(Math.abs(Number(ticker.last) / Number(book.asks[0]?.[0]) - 1)).toBeLessThan(0.05);
  const trades = await client.fetchTrades(SYMBOL, undefined, 20);
  expect(trades.map(({ timestamp }) => timestamp)).toEqual(
    trades.map(({ timestamp }) => timestamp).toSorted((one, other) => Number(one) - Number(other)),
  );
  expect(trades).toHaveLength(20);
  expect(await client.fetchFundingRate(SYMBOL)).toMatchObject({ symbol: SYMBOL });
  const rates = await client.fetchFundingRateHistory(SYMBOL, undefined, 5);
  expect(rates.map(({ timestamp }) => Number(timestamp) % (8 * HOUR_MS))).toEqual([0, 0, 0, 0, 0]);
  expect(Number((await client.fetchOpenInterest(SYMBOL)).openInterestAmount)).toBeGreaterThan(0);
  expect(await client.fetchOpenInterestHistory(SYMBOL, '1h', undefined, 6)).toHaveLength(6);
  const ratios = await client.fetchLongShortRatioHistory(SYMBOL, '1h', undefined, 6);
  expect(ratios).toHaveLength(6);
  const tiers = await client.fetchLeverageTiers([SYMBOL]);
  expect(tiers[SYMBOL]?.[0]).toMatchObject({ maxLeverage: 100, minNotional: 0 });
});

test('it sets modes and is told what is so already', async () => {
  await client.setPositionMode(true);
  expect(await client.fetchPositionMode(SYMBOL)).toMatchObject({ hedged: true });
  await expect(client.setPositionMode(true)).rejects.toThrow(/No need to change position side/);
  await client.setLeverage(10, SYMBOL);
  await client.setMarginMode('isolated', SYMBOL);
  await client.setMarginMode('cross', SYMBOL);
  expect(await client.fetchLeverage(SYMBOL)).toMatchObject({ longLeverage: 10 });
});

/** The first answer is what was held before; later ones are what the stream told. */
async function firstPositions(): Promise<readonly ccxt.Position[]> {
  for (;;) {
    const positions = await client.watchPositions([SYMBOL]);
    if (positions.length > 0) return positions;
  }
}

test('it trades, is told of each step, protects, amends, closes and reads its income', async () => {
  const orders = client.watchOrders(SYMBOL);
  const marks = client.watchMarkPrice(SYMBOL);
  const positions = firstPositions();
  const balances = client.watchBalance();
  expect(Number((await marks).markPrice)).toBeGreaterThan(0);
  const long = { positionSide: 'LONG' };

  const entry = await client.createOrder(SYMBOL, 'market', 'buy', 2, undefined, long);
  const first = await orders;
  expect(first[0]).toMatchObject({ id: entry.id, symbol: SYMBOL, side: 'buy' });
  expect(await positions).toMatchObject([{ symbol: SYMBOL, side: 'long' }]);
  await balances;
  const filled = await client.fetchOrder(String(entry.id), SYMBOL);
  expect(filled).toMatchObject({ status: 'closed', filled: 2 });
  const price = Number(filled.average);

  const stop = await client.createOrder(SYMBOL, 'STOP_MARKET', 'sell', 2, undefined, {
    ...long,
    stopPrice: price * 0.64,
  });
  const waiting = await client.fetchOpenOrders(SYMBOL, undefined, undefined, { trigger: true });
  expect(waiting.map(({ id }) => id)).toEqual([stop.id]);

  const rung = await client.createOrder(SYMBOL, 'limit', 'buy', 1, price * 0.9, {
    ...long,
    timeInForce: 'PO',
  });
  const amended = await client.editOrder(
    String(rung.id),
    SYMBOL,
    'limit',
    'buy',
    1.5,
    price * 0.88,
  );
  expect(amended).toMatchObject({ id: rung.id, amount: 1.5 });
  expect(await client.fetchOpenOrders(SYMBOL)).toMatchObject([{ id: rung.id, amount: 1.5 }]);
  await expect(
    client.createOrder(SYMBOL, 'limit', 'buy', 1, price * 1.01, { ...long, timeInForce: 'PO' }),
  ).rejects.toThrow(/-5022/);
  await client.cancelOrder(String(rung.id), SYMBOL);
  await expect(client.cancelOrder(String(rung.id), SYMBOL)).rejects.toThrow(/-2011/);

  expect(await client.fetchPositions([SYMBOL])).toMatchObject([
    { symbol: SYMBOL, side: 'long', contracts: 2, marginMode: 'cross' },
  ]);
  await client.createOrder(SYMBOL, 'market', 'sell', 2, undefined, long);
  expect(await client.fetchPositions([SYMBOL])).toEqual([]);
  await client.cancelOrder(String(stop.id), SYMBOL, { trigger: true });
  expect(await client.fetchOpenOrders(SYMBOL, undefined, undefined, { trigger: true })).toEqual([]);

  const trades = await client.fetchMyTrades(SYMBOL);
  expect(trades.map(({ side, takerOrMaker }) => [side, takerOrMaker])).toEqual([
    ['buy', 'taker'],
    ['sell', 'taker'],
  ]);
  const ledger = await client.fetchLedger('USDT');
  const sum = ledger.reduce(
    (total, { amount, direction }) => total + (direction === 'out' ? -1 : 1) * Number(amount),
    0,
  );
  const balance = await client.fetchBalance();
  expect(Number(balance['USDT']?.total)).toBeCloseTo(sum, 6);
});

// Its error classes hang on the venue's host names, so the codes are looked at.
test('it hears why it is refused', async () => {
  const long = { positionSide: 'LONG' };
  await expect(
    client.createOrder(SYMBOL, 'market', 'buy', 100_000, undefined, long),
  ).rejects.toThrow(/-2019/);
  await expect(client.fetchOrder('1', SYMBOL)).rejects.toThrow(/-2013/);
  const stranger = new ccxt.pro.binanceusdm({
    apiKey: KEY,
    secret: 'wrong',
    urls: client.urls as never,
  });
  await expect(stranger.fetchBalance()).rejects.toThrow(/-1022/);
});
