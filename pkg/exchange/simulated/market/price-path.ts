/**
 * The exogenous price path: a pure function of (seed, market time).
 *
 * Orders never move it. BTC and ETH replay recorded hours of a calm window, compressed, to and fro; every
 * other symbol follows BTC in part, wanders around its first price, and is hit by shocks of its own.
 * Any instant costs the same: there is no state to replay.
 */
import { createSeededRandom, required } from '#pkg/base';
import type { Candle } from '#pkg/domain';
import { latticeNoise } from './noise.ts';
import {
  chooseCalmWindow,
  RECORDED_HOUR_MS,
  WINDOW_HOURS,
  type Recording,
} from './recorded-candles.ts';
import { createShockSchedule } from './shocks.ts';
import { LISTED_SYMBOLS, type ListedSymbol } from './symbols.ts';

/** Deviations of the logarithm of an alt's price, by their period. */
const WANDERING = [
  { periodMs: 3_000, deviation: 0.0004 },
  { periodMs: 12_000, deviation: 0.0008 },
  { periodMs: 45_000, deviation: 0.0025 },
  { periodMs: 420_000, deviation: 0.008 },
] as const;
const MAJOR_NOISE = { periodMs: 2_500, deviation: 0.0001 } as const;

export interface PricePath {
  /** Price at `marketMs` since the market began; not rounded to ticks. */
  priceAt(symbolIndex: number, marketMs: number): number;
  /** First recorded hour of the window that BTC and ETH replay. */
  readonly windowStart: number;
}

/** Returns the path that follows from `seed`. */
export function createPricePath(
  recording: Recording,
  seed: number | string,
  symbols: readonly ListedSymbol[] = LISTED_SYMBOLS,
): PricePath {
  const windowStart = chooseCalmWindow(recording, seed);
  const random = createSeededRandom(`${seed}/wandering`);
  const seeds = symbols.map(() => random.integer(2 ** 31));
  const majors = symbols.filter((listed) => listed.firstPrice === undefined);
  const shocks = createShockSchedule(seed, symbols.length - majors.length);
  const btcFirst = replayedPrice(recording.btc, windowStart, 0);

  const wandering = (symbolSeed: number, marketMs: number): number =>
    WANDERING.reduce(
      (sum, { periodMs, deviation }, salt) =>
        sum + deviation * latticeNoise(symbolSeed + salt * 9973, marketMs, periodMs),
      0,
    );

  function majorPrice(listed: ListedSymbol, symbolSeed: number, marketMs: number): number {
    const candles = listed.baseAsset === 'BTC' ? recording.btc : recording.eth;
    const noise = latticeNoise(symbolSeed, marketMs, MAJOR_NOISE.periodMs);
    return replayedPrice(candles, windowStart, marketMs) * Math.exp(noise * MAJOR_NOISE.deviation);
  }

  return {
    windowStart,
    priceAt: (symbolIndex, marketMs) => {
      const listed = required(symbols[symbolIndex], 'A symbol index is within the list.');
      const symbolSeed = seeds[symbolIndex] ?? 0;
      if (listed.firstPrice === undefined) return majorPrice(listed, symbolSeed, marketMs);
      const btc = Math.log(replayedPrice(recording.btc, windowStart, marketMs) / btcFirst);
      const drift =
        listed.beta * btc +
        wandering(symbolSeed, marketMs) -
        wandering(symbolSeed, 0) +
        shocks.displacementAt(symbolIndex - majors.length, marketMs);
      return listed.firstPrice * Math.exp(drift);
    },
  };
}

/** Price within the recorded window; at its end the replay turns round, so that it stays calm for ever. */
function replayedPrice(candles: readonly Candle[], windowStart: number, marketMs: number): number {
  const spanMs = WINDOW_HOURS * RECORDED_HOUR_MS;
  const phaseMs = marketMs % (2 * spanMs);
  const forwardMs = phaseMs < spanMs ? phaseMs : 2 * spanMs - phaseMs;
  const hour = Math.min(WINDOW_HOURS - 1, Math.floor(forwardMs / RECORDED_HOUR_MS));
  const candle = required(candles[windowStart + hour], 'The window lies within the recording.');
  return priceInCandle(candle, forwardMs / RECORDED_HOUR_MS - hour);
}

/** Price at `part` (0 to 1) of a candle: open, one extreme, the other, close; a rising one dips first. */
export function priceInCandle(
  candle: Pick<Candle, 'open' | 'high' | 'low' | 'close'>,
  part: number,
): number {
  const isRising = candle.close >= candle.open;
  const corners = [
    candle.open,
    isRising ? candle.low : candle.high,
    isRising ? candle.high : candle.low,
    candle.close,
  ];
  const position = Math.min(2.999_999, Math.max(0, part) * 3);
  const index = Math.floor(position);
  const from = corners[index] ?? candle.open;
  const to = corners[index + 1] ?? candle.close;
  return from + (to - from) * (position - index);
}
