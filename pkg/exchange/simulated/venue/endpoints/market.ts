/** Public endpoints: rules, time, prices, candles. Weights: the connector's documentation (see the weight table). */
import type { ListedSymbol } from '../../market/symbols.ts';
import { visibleDepth } from '../book.ts';
import { fundingRateOf, INTEREST_RATE, nextFundingMs } from '../funding.ts';
import { LIQUIDATION_FEE } from '../liquidation.ts';
import { MARKET_TAKE_BOUND } from '../matching.ts';
import { TRIGGER_PROTECT } from '../triggers.ts';
import { CANDLE_ENDPOINTS } from './candles.ts';
import { bySymbol, open, signed, type Endpoint, type EndpointCall } from './endpoint.ts';
import { QUOTE_ENDPOINTS } from './quotes.ts';
import { STATISTICS_ENDPOINTS } from './statistics.ts';
import { TAPE_ENDPOINTS } from './tape.ts';
import { decimalsOf, describeFilters } from '../filters.ts';
import { optionalText, type Parameters } from '../parameters.ts';
import { listedSymbol, listingOf, type World } from '../world.ts';

export const WEIGHT_PER_MINUTE = 2400;
export const ORDERS_PER_10_SECONDS = 300;
export const ORDERS_PER_MINUTE = 1200;

const ONBOARDED_AT_MS = 1_569_398_400_000;
const PERPETUAL_DELIVERY_MS = 4_133_404_800_000;

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
    symbols: [...world.symbols.values()].map((listed) => symbolBody(world, listed)),
  };
}

function limitRow(kind: string, interval: string, count: number, limit: number): unknown {
  return { rateLimitType: kind, interval, intervalNum: count, limit };
}

function symbolBody(world: World, listed: ListedSymbol): unknown {
  return {
    symbol: listed.symbol,
    pair: listed.symbol,
    contractType: 'PERPETUAL',
    deliveryDate: PERPETUAL_DELIVERY_MS,
    onboardDate: ONBOARDED_AT_MS,
    status: listingOf(world, listed.symbol).status,
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
    triggerProtect: TRIGGER_PROTECT,
    settlePlan: 0,
    liquidationFee: LIQUIDATION_FEE,
    marketTakeBound: MARKET_TAKE_BOUND,
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
    permissionSets: ['GRID', 'COPY'],
  };
}

function premiumIndex({ world, market, parameters }: EndpointCall): unknown {
  const rows = chosen(world, parameters).map((listed) => {
    const { mark, index } = world.quote(listed.symbol);
    const nextMs = nextFundingMs(world.nowMs);
    return {
      symbol: listed.symbol,
      markPrice: mark.toFixed(8),
      indexPrice: index.toFixed(8),
      estimatedSettlePrice: index.toFixed(8),
      lastFundingRate: fundingRateOf(market, listed.symbol, nextMs, world.nowMs).toFixed(8),
      interestRate: INTEREST_RATE.toFixed(8),
      nextFundingTime: nextMs,
      time: world.nowMs,
    };
  });
  return oneOrAll(parameters, rows);
}

function tickerPrice({ world, parameters }: EndpointCall): unknown {
  const rows = chosen(world, parameters).map((listed) => {
    const { last } = world.quote(listed.symbol);
    const price = last.toFixed(decimalsOf(listed.tickSize));
    return { symbol: listed.symbol, price, time: world.nowMs };
  });
  return oneOrAll(parameters, rows);
}

function bookTicker({ world, parameters }: EndpointCall): unknown {
  const rows = chosen(world, parameters).map((listed) => {
    const [bid] = visibleDepth(world, listed, 'BUY', 1);
    const [ask] = visibleDepth(world, listed, 'SELL', 1);
    return {
      symbol: listed.symbol,
      bidPrice: bid?.price.toFixed() ?? '0',
      bidQty: bid?.quantity.toFixed() ?? '0',
      askPrice: ask?.price.toFixed() ?? '0',
      askQty: ask?.quantity.toFixed() ?? '0',
      time: world.nowMs,
    };
  });
  return oneOrAll(parameters, rows);
}

/** What the account may order: the limits, not what it used of them. */
const orderLimits = (): unknown => [
  limitRow('ORDERS', 'SECOND', 10, ORDERS_PER_10_SECONDS),
  limitRow('ORDERS', 'MINUTE', 1, ORDERS_PER_MINUTE),
];

export const MARKET_ENDPOINTS: readonly Endpoint[] = [
  open('/fapi/v1/ping', 1, () => ({})),
  open('/fapi/v1/time', 1, ({ world }) => ({ serverTime: world.nowMs })),
  open('/fapi/v1/exchangeInfo', 1, exchangeInfo),
  open('/fapi/v1/premiumIndex', bySymbol(1, 10), premiumIndex),
  open('/fapi/v1/ticker/price', bySymbol(1, 2), tickerPrice),
  open('/fapi/v2/ticker/price', bySymbol(1, 2), tickerPrice),
  open('/fapi/v1/ticker/bookTicker', bySymbol(2, 5), bookTicker),
  signed('GET', '/fapi/v1/rateLimit/order', 1, orderLimits),
  ...CANDLE_ENDPOINTS,
  ...QUOTE_ENDPOINTS,
  ...TAPE_ENDPOINTS,
  ...STATISTICS_ENDPOINTS,
];
