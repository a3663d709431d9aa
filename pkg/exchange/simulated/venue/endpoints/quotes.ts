/** What the book, the last day and funding say of a symbol. */
import { visibleDepth } from '../book.ts';
import { decimalsOf } from '../filters.ts';
import { FUNDING_MS, fundingRateOf, RATE_BOUND } from '../funding.ts';
import { optionalInteger, optionalText, text, type Parameters } from '../parameters.ts';
import { VenueRejection } from '../rejection.ts';
import { listedSymbol, TRADE_IDS_PER_SECOND } from '../world.ts';
import {
  bySymbol,
  chosenSymbols,
  limitOf,
  open,
  type Endpoint,
  type EndpointCall,
} from './endpoint.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const DEPTH_LIMITS = [5, 10, 20, 50, 100, 500, 1000];
const FUNDING_ROWS = { normal: 100, most: 1000 };

function depthWeight(parameters: Parameters): number {
  const limit = Number(parameters['limit'] ?? 500);
  if (limit <= 50) return 2;
  if (limit <= 100) return 5;
  return limit <= 500 ? 10 : 20;
}

function depth({ world, parameters }: EndpointCall): unknown {
  const listed = listedSymbol(world, text(parameters, 'symbol'));
  const limit = optionalInteger(parameters, 'limit') ?? 500;
  if (!DEPTH_LIMITS.includes(limit)) throw new VenueRejection('-4021');
  const side = (which: 'BUY' | 'SELL'): readonly unknown[] =>
    visibleDepth(world, listed, which, limit).map(({ price, quantity }) => [
      price.toFixed(decimalsOf(listed.tickSize)),
      quantity.toFixed(),
    ]);
  const at = { E: world.nowMs, T: world.nowMs };
  return { lastUpdateId: world.nowMs, ...at, bids: side('BUY'), asks: side('SELL') };
}

function ticker24h({ world, market, parameters }: EndpointCall): unknown {
  const rows = chosenSymbols(world, parameters).map((symbol) => {
    const places = decimalsOf(listedSymbol(world, symbol).tickSize);
    const range = { intervalMs: HOUR_MS, limit: 24 };
    const candles = market.candles(symbol, range, world.nowMs);
    const last = market.lastPriceAt(symbol, world.nowMs);
    const first = candles[0]?.open ?? last;
    const volume = candles.reduce((sum, candle) => sum + candle.volume, 0);
    const quote = candles.reduce((sum, candle) => sum + candle.volume * candle.close, 0);
    const second = Math.floor(world.nowMs / 1000);
    return {
      symbol,
      priceChange: (last - first).toFixed(places),
      priceChangePercent: ((last / first - 1) * 100).toFixed(3),
      weightedAvgPrice: (volume > 0 ? quote / volume : last).toFixed(places),
      lastPrice: last.toFixed(places),
      lastQty: listedSymbol(world, symbol).stepSize,
      openPrice: first.toFixed(places),
      highPrice: Math.max(last, ...candles.map(({ high }) => high)).toFixed(places),
      lowPrice: Math.min(last, ...candles.map(({ low }) => low)).toFixed(places),
      volume: volume.toFixed(3),
      quoteVolume: quote.toFixed(2),
      openTime: world.nowMs - DAY_MS,
      closeTime: world.nowMs,
      firstId: (second - DAY_MS / 1000) * TRADE_IDS_PER_SECOND,
      lastId: second * TRADE_IDS_PER_SECOND,
      count: DAY_MS / 1000,
    };
  });
  return optionalText(parameters, 'symbol') === undefined ? rows : rows[0];
}

/** Rates that were settled, oldest first. */
function fundingRates({ world, market, parameters }: EndpointCall): unknown {
  const limit = limitOf(parameters, FUNDING_ROWS);
  const endMs = Math.min(optionalInteger(parameters, 'endTime') ?? world.nowMs, world.nowMs);
  const lastMs = Math.floor(endMs / FUNDING_MS) * FUNDING_MS;
  const startMs = optionalInteger(parameters, 'startTime') ?? lastMs - (limit - 1) * FUNDING_MS;
  const firstMs = Math.ceil(startMs / FUNDING_MS) * FUNDING_MS;
  const rows: unknown[] = [];
  for (let atMs = firstMs; atMs <= lastMs && rows.length < limit; atMs += FUNDING_MS) {
    for (const symbol of chosenSymbols(world, parameters)) {
      if (rows.length >= limit) break;
      const fundingRate = fundingRateOf(market, symbol, atMs).toFixed(8);
      const markPrice = market.priceAt(symbol, atMs).toFixed(8);
      rows.push({ symbol, fundingTime: atMs, fundingRate, markPrice });
    }
  }
  return rows;
}

function fundingInfo({ world }: EndpointCall): unknown {
  return [...world.symbols.keys()].map((symbol) => ({
    symbol,
    adjustedFundingRateCap: RATE_BOUND.toFixed(8),
    adjustedFundingRateFloor: (-RATE_BOUND).toFixed(8),
    fundingIntervalHours: FUNDING_MS / HOUR_MS,
    disclaimer: false,
  }));
}

export const QUOTE_ENDPOINTS: readonly Endpoint[] = [
  open('/fapi/v1/depth', depthWeight, depth),
  open('/fapi/v1/ticker/24hr', bySymbol(1, 40), ticker24h),
  // Counted in a pool of 500 requests in five minutes for each address.
  open('/fapi/v1/fundingRate', 0, fundingRates, 'funding'),
  open('/fapi/v1/fundingInfo', 0, fundingInfo, 'funding'),
];
