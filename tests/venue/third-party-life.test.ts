/**
 * A whole life driven by an independent SDK, unchanged but for its base URLs.
 *
 * Goal: the wire is the venue's, not ours. The SDK signs, builds paths and reads frames by its own code.
 */
import { USDMClient, WebsocketClient } from 'binance';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSimulatedVenue, type SimulatedVenue } from '#pkg/exchange/simulated';
import { createSystemClock } from '#pkg/base';

const KEY = 'sdk-key';
const SECRET = 'sdk-secret';
const SYMBOL = 'SOLUSDT';
const clock = createSystemClock();

let venue: SimulatedVenue;
let client: USDMClient;
beforeAll(async () => {
  venue = await startSimulatedVenue({ accounts: [{ key: KEY, secret: SECRET, balance: '10000' }] });
  client = new USDMClient({ api_key: KEY, api_secret: SECRET, baseUrl: venue.urls.rest });
});
afterAll(async () => {
  await venue[Symbol.asyncDispose]();
});

const SILENT = { trace: () => undefined, info: () => undefined, error: () => undefined };

interface Frame {
  readonly e: string;
  readonly o?: Readonly<Record<string, unknown>>;
  readonly a?: Readonly<Record<string, unknown>>;
}

async function eventually(what: string, holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (holds()) return;
    await clock.sleep(50);
  }
  throw new Error(`it never came true: ${what}`);
}

test('an SDK that is not ours connects, trades, protects, amends, closes and reads its income', async () => {
  const [entryId, stopId, profitId, closeId] = Array.from({ length: 4 }, () =>
    client.generateNewOrderId(),
  ) as [string, string, string, string];
  const frames: Frame[] = [];
  const marks: unknown[] = [];
  const { listenKey } = await client.getFuturesUserDataListenKey();
  const user = new WebsocketClient(
    { beautify: false, wsUrl: `${venue.urls.privateStream}/ws/${listenKey}` },
    SILENT,
  );
  const market = new WebsocketClient(
    {
      beautify: false,
      wsUrl: `${venue.urls.marketStream}/stream?streams=!markPrice@arr@1s`,
    },
    SILENT,
  );
  user.on('message', (frame) => frames.push(frame as unknown as Frame));
  market.on('message', (frame) => marks.push(frame));
  for (const each of [user, market]) each.on('exception', () => undefined);
  void user.connect('usdmPrivate');
  void market.connect('usdmMarket');

  const info = await client.getExchangeInfo();
  expect(info.symbols).toHaveLength(26);
  expect(
    info.symbols.find((each) => each.symbol === SYMBOL)?.filters.map((f) => f.filterType),
  ).toEqual([
    'PRICE_FILTER',
    'LOT_SIZE',
    'MARKET_LOT_SIZE',
    'MAX_NUM_ORDERS',
    'MIN_NOTIONAL',
    'PERCENT_PRICE',
    'POSITION_RISK_CONTROL',
  ]);
  await client.setPositionMode({ dualSidePosition: 'true' });
  expect(await client.getCurrentPositionMode()).toEqual({ dualSidePosition: true });
  await client.setLeverage({ symbol: SYMBOL, leverage: 20 });
  const klines = await client.getKlines({ symbol: SYMBOL, interval: '1h', limit: 500 });
  expect(klines).toHaveLength(500);
  await eventually('prices arrive', () => marks.length > 0);

  const entry = await client.submitNewOrder({
    symbol: SYMBOL,
    side: 'BUY',
    positionSide: 'LONG',
    type: 'MARKET',
    quantity: 2,
    newClientOrderId: entryId,
  });
  expect(entry).toMatchObject({ clientOrderId: entryId, status: 'NEW' });
  expect(entry).not.toHaveProperty('avgPrice');
  expect(entry).not.toHaveProperty('cumQuote');
  const filled = await client.getOrder({ symbol: SYMBOL, origClientOrderId: entryId });
  expect(filled).toMatchObject({ status: 'FILLED', executedQty: '2' });
  const price = Number(filled.avgPrice);
  const tick = (value: number): string => value.toFixed(2);

  const stop = await client.submitNewAlgoOrder({
    algoType: 'CONDITIONAL',
    symbol: SYMBOL,
    side: 'SELL',
    positionSide: 'LONG',
    type: 'STOP_MARKET',
    triggerPrice: tick(price * 0.64),
    closePosition: 'true',
    workingType: 'MARK_PRICE',
    clientAlgoId: stopId,
  });
  expect(stop).toMatchObject({ clientAlgoId: stopId, algoStatus: 'NEW', closePosition: true });

  const profit = { symbol: SYMBOL, side: 'SELL', positionSide: 'LONG' } as const;
  await client.submitNewOrder({
    ...profit,
    type: 'LIMIT',
    timeInForce: 'GTC',
    quantity: 2,
    price: Number(tick(price * 1.3)),
    newClientOrderId: profitId,
  });
  await client.modifyOrder({
    symbol: SYMBOL,
    side: 'SELL',
    origClientOrderId: profitId,
    quantity: 2,
    price: Number(tick(price * 1.35)),
  });
  expect((await client.getAllOpenOrders({ symbol: SYMBOL })).map((each) => each.price)).toEqual([
    String(Number(tick(price * 1.35))),
  ]);
  expect(await client.getOpenAlgoOrders({ symbol: SYMBOL })).toHaveLength(1);
  const held = await client.getPositionsV3({ symbol: SYMBOL });
  expect(held.map((each) => [each.positionSide, each.positionAmt])).toEqual([['LONG', '2']]);

  await client.submitNewOrder({
    ...profit,
    type: 'MARKET',
    quantity: 2,
    newClientOrderId: closeId,
  });
  expect(await client.getPositionsV3({ symbol: SYMBOL })).toEqual([]);
  expect(await client.getOpenAlgoOrders({ symbol: SYMBOL })).toEqual([]);
  const income = await client.getIncomeHistory({ symbol: SYMBOL });
  expect(income.map((each) => each.incomeType)).toEqual([
    'COMMISSION',
    'REALIZED_PNL',
    'COMMISSION',
  ]);
  const trades = await client.getAccountTrades({ symbol: SYMBOL });
  const [balance] = await client.getBalanceV3();
  const explained = trades.reduce(
    (sum, trade) => sum + Number(trade.realizedPnl) - Number(trade.commission),
    10_000,
  );
  expect(Number(balance?.balance)).toBeCloseTo(explained, 6);

  await eventually('the close is on the user stream', () =>
    frames.some((frame) => frame.e === 'ALGO_UPDATE' && frame.o?.['X'] === 'EXPIRED'),
  );
  const seen = frames.map((frame) => [frame.e, frame.o?.['x'] ?? frame.o?.['X'] ?? frame.a?.['m']]);
  for (const expected of [
    ['ORDER_TRADE_UPDATE', 'NEW'],
    ['ORDER_TRADE_UPDATE', 'TRADE'],
    ['ORDER_TRADE_UPDATE', 'AMENDMENT'],
    ['ACCOUNT_UPDATE', 'ORDER'],
    ['ALGO_UPDATE', 'NEW'],
    ['ALGO_UPDATE', 'EXPIRED'],
  ]) {
    expect(seen).toContainEqual(expected);
  }
  user.closeAll(true);
  market.closeAll(true);
});
