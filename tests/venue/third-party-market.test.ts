/** The rest of what an independent SDK can ask a venue: all of the market, batches, conditional lives, margin. */
import { USDMClient, WebsocketClient } from 'binance';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSystemClock } from '#pkg/base';
import {
  createVenueAdmin,
  startSimulatedVenue,
  type SimulatedVenue,
} from '#pkg/exchange/simulated';
import { eventually } from '../harness/eventually.ts';

const KEY = 'sdk-market-key';
const SECRET = 'sdk-market-secret';
const SYMBOL = 'SOLUSDT';
const MINUTE_MS = 60_000;
const clock = createSystemClock();
const SILENT = { trace: () => undefined, info: () => undefined, error: () => undefined };

let venue: SimulatedVenue;
let client: USDMClient;
let user: WebsocketClient | undefined;
beforeAll(async () => {
  venue = await startSimulatedVenue({ accounts: [{ key: KEY, secret: SECRET, balance: '10000' }] });
  client = new USDMClient({ api_key: KEY, api_secret: SECRET, baseUrl: venue.urls.rest });
});
afterAll(async () => {
  user?.closeAll(true);
  await venue[Symbol.asyncDispose]();
});

const markOf = async (): Promise<number> =>
  Number((await client.getMarkPrice({ symbol: SYMBOL })).markPrice);
const tick = (price: number): number => Number(price.toFixed(2));

test('all of the market can be read', async () => {
  const symbol = SYMBOL;
  const range = { symbol, interval: '15m', limit: 20 } as const;
  const book = await client.getOrderBook({ symbol, limit: 20 });
  expect([book.bids.length, book.asks.length]).toEqual([20, 20]);
  const candles = await Promise.all([
    client.getKlines(range),
    client.getMarkPriceKlines(range),
    client.getPremiumIndexKlines(range),
    client.getIndexPriceKlines({ pair: symbol, interval: '15m', limit: 20 }),
    client.getContinuousContractKlines({
      pair: symbol,
      contractType: 'PERPETUAL',
      interval: '15m',
      limit: 20,
    }),
  ]);
  for (const each of candles) {
    expect(each.map(([openAt]) => openAt)).toEqual(candles[0].map(([openAt]) => openAt));
  }
  const trades = await client.getRecentTrades({ symbol, limit: 10 });
  const old = await client.getHistoricalTrades({
    symbol,
    fromId: Number(trades[0]?.id),
    limit: 10,
  });
  expect(old.map(({ id }) => id)).toEqual(trades.map(({ id }) => id));
  const aggregates = await client.getAggregateTrades({
    symbol,
    startTime: clock.nowMs() - MINUTE_MS,
  });
  expect(aggregates.length).toBeGreaterThan(50);
  expect((await client.getMarkPrice()).length).toBe(26);
  expect(await client.getFundingRateHistory({ symbol, limit: 7 })).toHaveLength(7);
  expect((await client.getFundingRates()).length).toBe(26);
  const day = await client.get24hrChangeStatistics({ symbol });
  expect(Number(day.highPrice)).toBeGreaterThanOrEqual(Number(day.lowPrice));
  const prices = await Promise.all([
    client.getSymbolPriceTicker({ symbol }),
    client.getSymbolPriceTickerV2({ symbol }),
    client.getSymbolOrderBookTicker({ symbol }),
  ]);
  expect(prices.map((each) => each.symbol)).toEqual([symbol, symbol, symbol]);
  expect(Number((await client.getOpenInterest({ symbol })).openInterest)).toBeGreaterThan(0);
  const periods = { symbol, period: '1h', limit: 5 } as const;
  const crowds = await Promise.all([
    client.getOpenInterestStatistics(periods),
    client.getTopTradersLongShortPositionRatio(periods),
    client.getTopTradersLongShortAccountRatio(periods),
    client.getGlobalLongShortAccountRatio(periods),
    client.getTakerBuySellVolume(periods),
    client.getBasis({ pair: symbol, contractType: 'PERPETUAL', period: '1h', limit: 5 }),
  ]);
  for (const each of crowds) expect(each).toHaveLength(5);
  const [brackets] = await client.getNotionalAndLeverageBrackets({ symbol });
  expect(brackets?.brackets[0]).toMatchObject({ bracket: 1, notionalFloor: 0 });
  expect((await client.getSymbolAdlRisk({ symbol })).adlRisk).toBe('low');
});

test('a batch, its change, the history of the change and the end of it all', async () => {
  const mark = await markOf();
  const order = { symbol: SYMBOL, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC' } as const;
  const ids = [client.generateNewOrderId(), client.generateNewOrderId()];
  const placed = await client.submitMultipleOrders(
    ids.map((id, index) => ({
      ...order,
      quantity: '1',
      price: String(tick(mark * (0.92 - index / 100))),
      newClientOrderId: id,
    })),
  );
  expect(placed).toMatchObject([{ status: 'NEW' }, { status: 'NEW' }]);
  const changed: unknown = await client.modifyMultipleOrders([
    {
      symbol: SYMBOL,
      side: 'BUY',
      origClientOrderId: ids[0] ?? '',
      quantity: '2',
      price: String(tick(mark * 0.9)),
    } as never,
  ]);
  expect(changed).toMatchObject([{ clientOrderId: ids[0], origQty: '2' }]);
  const history: unknown = await client.getOrderModifyHistory({
    symbol: SYMBOL,
    origClientOrderId: ids[0] ?? '',
  });
  expect(history).toMatchObject([
    { amendment: { origQty: { before: '1', after: '2' }, count: 1 } },
  ]);
  const wound = { symbol: SYMBOL, countdownTime: 120_000 };
  expect(await client.setCancelOrdersOnTimeout(wound)).toMatchObject({ countdownTime: '120000' });
  const ended = await client.cancelMultipleOrders({
    symbol: SYMBOL,
    origClientOrderIdList: ids,
  });
  expect(ended).toMatchObject([{ status: 'CANCELED' }, { status: 'CANCELED' }]);
  expect(await client.getAllOpenOrders({ symbol: SYMBOL })).toEqual([]);
});

test('a conditional order triggers on the wire: each of its states is told, and what it did', async () => {
  const { listenKey } = await client.getFuturesUserDataListenKey();
  const states: unknown[] = [];
  user = new WebsocketClient(
    { beautify: false, wsUrl: `${venue.urls.privateStream}/ws/${listenKey}` },
    SILENT,
  );
  const opened = new Promise((resolve) => user?.on('open', resolve));
  user.on('message', (frame) => {
    const { e, o } = frame as unknown as { e: string; o?: Readonly<Record<string, unknown>> };
    if (e === 'ALGO_UPDATE') states.push(o?.['X']);
  });
  user.on('exception', () => undefined);
  void user.connect('usdmPrivate');
  await opened;
  const entry = { symbol: SYMBOL, side: 'BUY', type: 'MARKET', quantity: 2 } as const;
  await client.submitNewOrder(entry);
  const mark = await markOf();
  const stopId = client.generateNewOrderId();
  await client.submitNewAlgoOrder({
    algoType: 'CONDITIONAL',
    symbol: SYMBOL,
    side: 'SELL',
    type: 'STOP_MARKET',
    triggerPrice: String(tick(mark * 0.75)),
    closePosition: 'true',
    workingType: 'MARK_PRICE',
    clientAlgoId: stopId,
  });
  await createVenueAdmin(venue.urls.admin).order({ movePrice: { symbol: SYMBOL, ratio: 0.6 } });
  await eventually(() => {
    expect(states).toEqual(['NEW', 'TRIGGERING', 'TRIGGERED', 'FINISHED']);
  });
  const stop = await client.getAlgoOrder({ clientAlgoId: stopId });
  expect(stop).toMatchObject({ algoStatus: 'FINISHED', actualQty: '2' });
  const done = await client.getOrder({ symbol: SYMBOL, orderId: Number(stop.actualOrderId) });
  expect(done).toMatchObject({ status: 'FILLED', origType: 'STOP_MARKET', executedQty: '2' });
  expect(await client.getPositionsV3({ symbol: SYMBOL })).toEqual([]);
});

test('margin set apart for a position can be added, and is in its history', async () => {
  await client.setMarginType({ symbol: 'XRPUSDT', marginType: 'ISOLATED' });
  const entry = { symbol: 'XRPUSDT', side: 'BUY', type: 'MARKET', quantity: 100 } as const;
  await client.submitNewOrder(entry);
  const added = await client.setIsolatedPositionMargin({ symbol: 'XRPUSDT', amount: 7, type: '1' });
  expect(added).toMatchObject({ amount: 7, type: 1 });
  const history: unknown = await client.getPositionMarginChangeHistory({ symbol: 'XRPUSDT' });
  expect(history).toMatchObject([{ amount: '7', asset: 'USDT' }]);
  const [position] = await client.getPositionsV3({ symbol: 'XRPUSDT' });
  expect(Number(position?.isolatedWallet)).toBeGreaterThan(7);
});
