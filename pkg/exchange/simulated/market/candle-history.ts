/**
 * Hourly candles from before the market began, so that indicators have something to read on day one.
 *
 * BTC and ETH: the recorded hours before the replayed window, and a seeded walk before those. Others: a
 * seeded walk around a trend whose direction the seed chooses, half of them up and half down, which ends
 * a little short of the first live price.
 */
import { createSeededRandom, required, type Random } from '#pkg/base';
import type { Candle } from '#pkg/domain';
import type { PricePath } from './price-path.ts';
import type { Recording } from './recorded-candles.ts';
import type { ListedSymbol } from './symbols.ts';

const HOUR_MS = 3_600_000;
/** 520 whole days, so that even daily candles number more than 500. */
const HISTORY_HOURS = 520 * 24;
const TRENDLESS_SHARE = 0.1;

interface Trend {
  readonly direction: 1 | -1;
  readonly perHour: number;
  readonly hours: number;
  /** How far the live price has gone beyond the last closed candle, logarithmic. */
  readonly lead: number;
}

export interface HistorySource {
  readonly recording: Recording;
  readonly path: PricePath;
  readonly seed: number | string;
  readonly listed: readonly ListedSymbol[];
}

/** Returns the hourly candles of one symbol, oldest first, the last of which closes at `endAtMs` (a whole hour). */
export function createHourlyHistory(
  source: HistorySource,
  symbolIndex: number,
  endAtMs: number,
): readonly Candle[] {
  const listed = required(source.listed[symbolIndex], 'A symbol index is within the list.');
  if (listed.firstPrice === undefined) {
    const recorded = listed.baseAsset === 'BTC' ? source.recording.btc : source.recording.eth;
    return recordedHistory(source, recorded, listed.symbol, endAtMs);
  }
  const trend = trendOf(source.seed, symbolIndex);
  const random = createSeededRandom(`${source.seed}/history/${listed.symbol}`);
  const lastClose = source.path.priceAt(symbolIndex, 0) * Math.exp(-trend.direction * trend.lead);
  const levels = trendLevels(trend, random, btcReturns(source));
  return candlesFromLevels(levels, lastClose, random, endAtMs);
}

function trendOf(seed: number | string, symbolIndex: number): Trend {
  const random = createSeededRandom(`${seed}/trend/${symbolIndex >> 1}`);
  const firstIsUp = random.next() < 0.5;
  const own = createSeededRandom(`${seed}/trend-of/${symbolIndex}`);
  const isTrendless = own.next() < TRENDLESS_SHARE;
  const direction = firstIsUp === (symbolIndex % 2 === 0) ? 1 : -1;
  return {
    direction,
    perHour: isTrendless ? 0 : 0.0024 + 0.0012 * own.next(),
    hours: 140 + own.integer(60),
    lead: isTrendless ? 0 : 0.016 + 0.008 * own.next(),
  };
}

/** Logarithmic levels relative to the last close, oldest first. */
function trendLevels(trend: Trend, random: Random, returns: readonly number[]): number[] {
  const levels: number[] = [];
  let noise = 0;
  let cycle = 0;
  for (let back = HISTORY_HOURS - 1; back >= 0; back -= 1) {
    const common = returns[returns.length - 1 - back] ?? 0;
    noise = noise * 0.9 + 0.35 * common + 0.0028 * random.normal();
    cycle = cycle * 0.999 + 0.003 * random.normal();
    const beforeTrend = Math.max(0, back - trend.hours);
    const trending = -trend.direction * trend.perHour * Math.min(back, trend.hours);
    // The slow cycle fades in with distance, so that it cannot bend the recent trend.
    levels.push(trending + noise + cycle * Math.min(1, beforeTrend / 500));
  }
  const last = levels.at(-1) ?? 0;
  return levels.map((level) => level - last);
}

const knownReturns = new WeakMap<PricePath, readonly number[]>();

/** What every symbol follows: the same for all of a market, so worked out for the first. */
function btcReturns({ recording: { btc }, path }: HistorySource): readonly number[] {
  const returns =
    knownReturns.get(path) ??
    btc
      .slice(1, path.windowStart)
      .map((candle, index) => Math.log(candle.close / (btc[index]?.close ?? candle.close)));
  knownReturns.set(path, returns);
  return returns;
}

function candlesFromLevels(
  levels: readonly number[],
  lastClose: number,
  random: Random,
  endAtMs: number,
): Candle[] {
  let open = lastClose * Math.exp(levels[0] ?? 0);
  return levels.map((level, index) => {
    const close = lastClose * Math.exp(level);
    const high = Math.max(open, close) * (1 + 0.0016 * Math.abs(random.normal()));
    const low = Math.min(open, close) * (1 - 0.0016 * Math.abs(random.normal()));
    const candle: Candle = {
      openAtMs: endAtMs - (levels.length - index) * HOUR_MS,
      open,
      high,
      low,
      close,
      volume: (2_000_000 / lastClose) * (0.5 + random.next()),
    };
    open = close;
    return candle;
  });
}

/** The hour before the window becomes the open candle of the first minutes, so history ends one hour earlier. */
function recordedHistory(
  source: HistorySource,
  recorded: readonly Candle[],
  symbol: string,
  endAtMs: number,
): Candle[] {
  const used = recorded.slice(0, source.path.windowStart - 1);
  const random = createSeededRandom(`${source.seed}/history/${symbol}`);
  const older = HISTORY_HOURS - used.length;
  const levels: number[] = [];
  let level = 0;
  for (let index = 0; index < older; index += 1) {
    level = level * 0.9995 + 0.006 * random.normal();
    levels.push(level);
  }
  const firstOpen = required(used[0], 'History begins within the recording.').open;
  const last = levels.at(-1) ?? 0;
  const walk = candlesFromLevels(
    levels.map((each) => each - last),
    firstOpen,
    random,
    endAtMs - used.length * HOUR_MS,
  );
  const replayed = used.map((candle, index) => ({
    openAtMs: endAtMs - (used.length - index) * HOUR_MS,
    open: candle.open,
    high: candle.high,
    low: candle.low,
    close: candle.close,
    volume: candle.volume,
  }));
  return [...walk, ...replayed];
}
