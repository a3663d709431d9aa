/** Public endpoints: rules, time, prices, candles. Weights: the connector's documentation (see the weight table). */
import { Decimal } from '#pkg/base';
import { INTERVALS_MS } from '../market/market.ts';
import type { ListedSymbol } from '../market/symbols.ts';
import type { Endpoint, EndpointCall } from './endpoint.ts';
import { decimalsOf, describeFilters } from './filters.ts';
import { optionalInteger, optionalText, text, type Parameters } from './parameters.ts';
import { VenueRejection } from './rejection.ts';
import { listedSymbol, plain, type World } from './world.ts';

export const WEIGHT_PER_MINUTE = 2400;
export const ORDERS_PER_10_SECONDS = 300;
export const ORDERS_PER_MINUTE = 1200;

const ONBOARDED_AT_MS = 1_569_398_400_000;
const PERPETUAL_DELIVERY_MS = 4_133_404_800_000;
const FUNDING_MS = 28_800_000;
const CANDLES_MAX = 1500;
const CANDLES_DEFAULT = 500;

const bySymbol =
  (withSymbol: number, without: number) =>
  (parameters: Parameters): number =>
    optionalText(parameters, 'symbol') === undefined ? without : withSymbol;

function klinesWeight(parameters: Parameters): number {
  const limit = Number(parameters['limit'] ?? CANDLES_DEFAULT);
  if (limit < 100) return 1;
  if (limit < 500) return 2;
  return limit <= 1000 ? 5 : 10;
}

/** The symbol asked for, or all of them. */
function chosen(world: World, parameters: Parameters): readonly ListedSymbol[] {
  const symbol = optionalText(parameters, 'symbol');
  return symbol === undefined ? [...world.symbols.values()] : [listedSymbol(world, symbol)];
}

function oneOrAll(parameters: Parameters, rows: readonly unknown[]): unknown {
  return optionalText(parameters, 'symbol') === undefined ? rows : rows[0];
}

function exchangeInfo({ world }: EndpointCall): unknown {
  return {
    timezone: 'UTC',
    serverTime: world.nowMs,
    futuresType: 'U_MARGINED',
    rateLimits: [
      limitRow('REQUEST_WEIGHT', 'MINUTE', 1, WEIGHT_PER_MINUTE),
      limitRow('ORDERS', 'MINUTE', 1, ORDERS_PER_MINUTE),
      limitRow('ORDERS', 'SECOND', 10, ORDERS_PER_10_SECONDS),
    ],
    exchangeFilters: [],
    assets: [{ asset: 'USDT', marginAvailable: true, autoAssetExchange: '-10000' }],
    symbols: [...world.symbols.values()].map(symbolBody),
  };
}

function limitRow(kind: string, interval: string, count: number, limit: number): unknown {
  return { rateLimitType: kind, interval, intervalNum: count, limit };
}

function symbolBody(listed: ListedSymbol): unknown {
  return {
    symbol: listed.symbol,
    pair: listed.symbol,
    contractType: 'PERPETUAL',
    deliveryDate: PERPETUAL_DELIVERY_MS,
    onboardDate: ONBOARDED_AT_MS,
    status: 'TRADING',
    maintMarginPercent: '2.5000',
    requiredMarginPercent: '5.0000',
    baseAsset: listed.baseAsset,
    quoteAsset: 'USDT',
    marginAsset: 'USDT',
    pricePrecision: decimalsOf(listed.tickSize) + 1,
    quantityPrecision: decimalsOf(listed.stepSize),
    baseAssetPrecision: 8,
    quotePrecision: 8,
    underlyingType: 'COIN',
    underlyingSubType: ['Layer-1'],
    triggerProtect: '0.0500',
    liquidationFee: '0.012500',
    marketTakeBound: '0.05',
    maxMoveOrderLimit: 10_000,
    filters: describeFilters(listed),
    orderTypes: [
      'LIMIT',
      'MARKET',
      'STOP',
      'STOP_MARKET',
      'TAKE_PROFIT',
      'TAKE_PROFIT_MARKET',
      'TRAILING_STOP_MARKET',
    ],
    timeInForce: ['GTC', 'IOC', 'FOK', 'GTX', 'GTD'],
  };
}

function klines({ world, market, parameters }: EndpointCall): unknown {
  const listed = listedSymbol(world, text(parameters, 'symbol'));
  const intervalMs = INTERVALS_MS[text(parameters, 'interval')];
  if (intervalMs === undefined) throw new VenueRejection('-1120');
  const limit = optionalInteger(parameters, 'limit') ?? CANDLES_DEFAULT;
  if (limit < 1 || limit > CANDLES_MAX) throw new VenueRejection('-1130');
  const candles = market.candles(
    listed.symbol,
    {
      intervalMs,
      limit,
      startMs: optionalInteger(parameters, 'startTime'),
      endMs: optionalInteger(parameters, 'endTime'),
    },
    world.nowMs,
  );
  const places = decimalsOf(listed.tickSize);
  return candles.map((candle) => {
    const quote = candle.volume * candle.close;
    return [
      candle.openAtMs,
      candle.open.toFixed(places),
      candle.high.toFixed(places),
      candle.low.toFixed(places),
      candle.close.toFixed(places),
      candle.volume.toFixed(3),
      candle.openAtMs + intervalMs - 1,
      quote.toFixed(5),
      Math.max(1, Math.round(quote / 2_000)),
      (candle.volume / 2).toFixed(3),
      (quote / 2).toFixed(5),
      '0',
    ];
  });
}

/** When funding is next settled. */
export function nextFundingMs(nowMs: number): number {
  return Math.floor(nowMs / FUNDING_MS) * FUNDING_MS + FUNDING_MS;
}

function premiumIndex({ world, parameters }: EndpointCall): unknown {
  const rows = chosen(world, parameters).map((listed) => {
    const { mark } = world.quote(listed.symbol);
    return {
      symbol: listed.symbol,
      markPrice: mark.toFixed(8),
      indexPrice: mark.toFixed(8),
      estimatedSettlePrice: mark.toFixed(8),
      lastFundingRate: '0.00010000',
      interestRate: '0.00010000',
      nextFundingTime: nextFundingMs(world.nowMs),
      time: world.nowMs,
    };
  });
  return oneOrAll(parameters, rows);
}

function tickerPrice({ world, parameters }: EndpointCall): unknown {
  const rows = chosen(world, parameters).map((listed) => {
    const { bid } = world.quote(listed.symbol);
    return { symbol: listed.symbol, price: plain(bid), time: world.nowMs };
  });
  return oneOrAll(parameters, rows);
}

function bookTicker({ world, parameters }: EndpointCall): unknown {
  const rows = chosen(world, parameters).map((listed) => {
    const { bid, ask } = world.quote(listed.symbol);
    const size = new Decimal(listed.stepSize).times(1000).toFixed();
    return {
      symbol: listed.symbol,
      bidPrice: bid.toFixed(),
      bidQty: size,
      askPrice: ask.toFixed(),
      askQty: size,
      time: world.nowMs,
    };
  });
  return oneOrAll(parameters, rows);
}

const one = (): number => 1;

export const MARKET_ENDPOINTS: readonly Endpoint[] = [
  { method: 'GET', path: '/fapi/v1/ping', security: 'public', weight: one, run: () => ({}) },
  {
    method: 'GET',
    path: '/fapi/v1/time',
    security: 'public',
    weight: one,
    run: ({ world }) => ({ serverTime: world.nowMs }),
  },
  {
    method: 'GET',
    path: '/fapi/v1/exchangeInfo',
    security: 'public',
    weight: one,
    run: exchangeInfo,
  },
  {
    method: 'GET',
    path: '/fapi/v1/klines',
    security: 'public',
    weight: klinesWeight,
    run: klines,
  },
  {
    method: 'GET',
    path: '/fapi/v1/premiumIndex',
    security: 'public',
    weight: bySymbol(1, 10),
    run: premiumIndex,
  },
  ...['/fapi/v1/ticker/price', '/fapi/v2/ticker/price'].map((path): Endpoint => ({
    method: 'GET',
    path,
    security: 'public',
    weight: bySymbol(1, 2),
    run: tickerPrice,
  })),
  {
    method: 'GET',
    path: '/fapi/v1/ticker/bookTicker',
    security: 'public',
    weight: bySymbol(2, 5),
    run: bookTicker,
  },
];
