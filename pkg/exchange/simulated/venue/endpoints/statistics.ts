/**
 * What the crowd holds and trades, by periods: open interest, long against short, takers, basis; and what the
 * venue says of its own fund and of the risk of deleveraging.
 *
 * The crowd is made up: slow noise around even, from (seed of the symbol, time) alone. Source: the venue's
 * pages "Open Interest Statistics", "Top Trader Long/Short Ratio", "Long/Short Ratio", "Taker Buy/Sell Volume",
 * "Basis", "Query Insurance Fund Balance Snapshot" and "ADL Risk" for USD-M futures: at most 500 rows of the
 * last 30 days.
 */
import { Decimal } from '#pkg/base';
import { INTERVALS_MS, openOf } from '../../market/intervals.ts';
import { hashText, latticeNoise } from '../../market/noise.ts';
import { decimalsOf } from '../filters.ts';
import { oneOf, optionalInteger, optionalText, text } from '../parameters.ts';
import { VenueRejection } from '../rejection.ts';
import { listedSymbol, meta, plain, type World } from '../world.ts';
import { chosenSymbols, limitOf, open, type Endpoint, type EndpointCall } from './endpoint.ts';

const PERIODS = ['5m', '15m', '30m', '1h', '2h', '4h', '6h', '12h', '1d'] as const;
const ROWS = { normal: 30, most: 500 };
const HISTORY_MS = 30 * 86_400_000;
const CROWD_PERIOD_MS = 14_400_000;
/** What the crowd holds of each symbol, in quote currency. */
const CROWD_WORTH = 50_000_000;

/** Deviation of a crowd's mood from even, about 0.1. */
function mood(symbol: string, what: string, atMs: number): number {
  return 0.1 * latticeNoise(hashText(`${symbol}/${what}`), atMs, CROWD_PERIOD_MS);
}

/** What is held of a symbol: the crowd's share and the customers'. */
export function openInterestAt(world: World, symbol: string, atMs: number): Decimal {
  const price = world.market.priceAt(symbol, atMs);
  let held = new Decimal((CROWD_WORTH * (1 + mood(symbol, 'held', atMs))) / price);
  for (const position of world.state.positionsIn(symbol)) {
    held = held.plus(new Decimal(position.amount).abs());
  }
  return held;
}

/** Ends of the periods that were asked for, oldest first. */
function periodsOf({ world, parameters }: EndpointCall): readonly number[] {
  const periodMs = INTERVALS_MS[oneOf(parameters, 'period', PERIODS)] ?? 0;
  const limit = limitOf(parameters, ROWS);
  const startMs = optionalInteger(parameters, 'startTime');
  const endMs = Math.min(optionalInteger(parameters, 'endTime') ?? world.nowMs, world.nowMs);
  if (startMs !== undefined && (startMs < world.nowMs - HISTORY_MS || startMs > endMs)) {
    throw new VenueRejection('-1130', "parameter 'startTime' is invalid.");
  }
  const newest = openOf(periodMs, endMs);
  const oldest = startMs === undefined ? newest - (limit - 1) * periodMs : startMs;
  const times: number[] = [];
  for (let atMs = newest; atMs >= oldest; atMs -= periodMs) times.push(atMs);
  return times.slice(0, limit).toReversed();
}

function openInterestHistory(call: EndpointCall): unknown {
  const { symbol } = listedSymbol(call.world, text(call.parameters, 'symbol'));
  return periodsOf(call).map((timestamp) => {
    const held = openInterestAt(call.world, symbol, timestamp);
    return {
      symbol,
      sumOpenInterest: held.toFixed(8),
      sumOpenInterestValue: held.times(call.market.priceAt(symbol, timestamp)).toFixed(8),
      CMCCirculatingSupply: held.times(1000).toFixed(8),
      timestamp,
    };
  });
}

/** Long against short of one group of customers. */
const ratioOf =
  (group: 'positions' | 'accounts' | 'everyone') =>
  (call: EndpointCall): unknown => {
    const { symbol } = listedSymbol(call.world, text(call.parameters, 'symbol'));
    return periodsOf(call).map((timestamp) => {
      const long = Math.min(0.95, Math.max(0.05, 0.5 + mood(symbol, group, timestamp)));
      return {
        symbol,
        longAccount: long.toFixed(4),
        longShortRatio: (long / (1 - long)).toFixed(4),
        shortAccount: (1 - long).toFixed(4),
        timestamp,
      };
    });
  };

function takers(call: EndpointCall): unknown {
  const { symbol } = listedSymbol(call.world, text(call.parameters, 'symbol'));
  return periodsOf(call).map((timestamp) => {
    const traded = CROWD_WORTH / call.market.priceAt(symbol, timestamp);
    const bought = traded * Math.max(0.05, 0.5 + mood(symbol, 'takers', timestamp));
    const sold = traded - bought;
    return {
      buySellRatio: (bought / sold).toFixed(4),
      sellVol: sold.toFixed(4),
      buyVol: bought.toFixed(4),
      timestamp,
    };
  });
}

function basis(call: EndpointCall): unknown {
  const listed = listedSymbol(call.world, text(call.parameters, 'pair'));
  const contractType = text(call.parameters, 'contractType');
  if (contractType !== 'PERPETUAL') throw new VenueRejection('-4104');
  const places = decimalsOf(listed.tickSize);
  return periodsOf(call).map((timestamp) => {
    const price = call.market.priceAt(listed.symbol, timestamp);
    const premium = call.market.premiumAt(listed.symbol, timestamp);
    const index = price / (1 + premium);
    return {
      indexPrice: index.toFixed(8),
      contractType,
      basisRate: premium.toFixed(4),
      futuresPrice: price.toFixed(places),
      annualizedBasisRate: '',
      basis: (price - index).toFixed(8),
      pair: listed.symbol,
      timestamp,
    };
  });
}

function openInterest({ world, parameters }: EndpointCall): unknown {
  const { symbol } = listedSymbol(world, text(parameters, 'symbol'));
  const held = openInterestAt(world, symbol, world.nowMs);
  return { openInterest: plain(held, 3), symbol, time: world.nowMs };
}

function insuranceFund({ world, parameters }: EndpointCall): unknown {
  const fund = {
    symbols: chosenSymbols(world, {}),
    assets: [{ asset: 'USDT', marginBalance: meta(world).insuranceFund, updateTime: world.nowMs }],
  };
  return optionalText(parameters, 'symbol') === undefined ? [fund] : fund;
}

/** High where the fund is empty, since then others are deleveraged. */
function adlRisk({ world, parameters }: EndpointCall): unknown {
  const isEmpty = new Decimal(meta(world).insuranceFund).lte(0);
  const rows = chosenSymbols(world, parameters).map((symbol) => ({
    symbol,
    adlRisk: isEmpty ? 'high' : 'low',
    updateTime: world.nowMs,
  }));
  return optionalText(parameters, 'symbol') === undefined ? rows : rows[0];
}

export const STATISTICS_ENDPOINTS: readonly Endpoint[] = [
  open('/fapi/v1/openInterest', 1, openInterest),
  open('/fapi/v1/insuranceBalance', 1, insuranceFund),
  open('/fapi/v1/symbolAdlRisk', 1, adlRisk),
  // Weigh nothing; the venue counts them in a pool of 1,000 in five minutes for each address.
  open('/futures/data/openInterestHist', 0, openInterestHistory, 'data'),
  open('/futures/data/topLongShortPositionRatio', 0, ratioOf('positions'), 'data'),
  open('/futures/data/topLongShortAccountRatio', 0, ratioOf('accounts'), 'data'),
  open('/futures/data/globalLongShortAccountRatio', 0, ratioOf('everyone'), 'data'),
  open('/futures/data/takerlongshortRatio', 0, takers, 'data'),
  open('/futures/data/basis', 0, basis, 'data'),
];
