import { assert, required } from '#pkg/base';
import { TIMEFRAME_MS, type Candle, type Direction } from '#pkg/domain';

/** Candles that a search passes over at once. */
const BLOCK = 32;

/** One symbol's hourly candles as columns, with what a fast search needs. */
export interface History {
  readonly length: number;
  readonly fromMs: number;
  /** When the last candle closed. */
  readonly untilMs: number;
  /** Hours between the first and the last candle that have none. */
  readonly hoursAbsent: number;
  /** The candles as a position of either direction sees them. */
  readonly seen: Readonly<Record<Direction, SeenCandles>>;
}

/** Prices times 1 for long and times -1 for short, so that "worse" is always lower. */
export interface SeenCandles {
  readonly opens: Float64Array;
  readonly closes: Float64Array;
  readonly worst: Float64Array;
  readonly best: Float64Array;
  readonly blockWorst: Float64Array;
  readonly blockBest: Float64Array;
}

/** Returns a history of hourly candles, which come oldest first with one for each hour at most. */
export function prepareHistory(candles: readonly Candle[]): History {
  assert(candles.length > 0, 'A history holds a candle.');
  const fromMs = candles[0]?.openAtMs ?? 0;
  const lastMs = candles.at(-1)?.openAtMs ?? 0;
  for (const [index, { openAtMs }] of candles.entries()) {
    const before = candles[index - 1]?.openAtMs ?? -1;
    assert(openAtMs > before, 'The candles of a history come oldest first.');
  }
  return {
    length: candles.length,
    fromMs,
    untilMs: lastMs + TIMEFRAME_MS['1h'],
    hoursAbsent: (lastMs - fromMs) / TIMEFRAME_MS['1h'] + 1 - candles.length,
    seen: { long: see(candles, 1), short: see(candles, -1) },
  };
}

/** Plain loops over columns: two years must not cost more to prepare than to simulate. */
function see(candles: readonly Candle[], sign: 1 | -1): SeenCandles {
  const column = () => new Float64Array(candles.length);
  const [opens, closes, worst, best] = [column(), column(), column(), column()];
  const blocks = Math.ceil(candles.length / BLOCK);
  const blockWorst = new Float64Array(blocks).fill(Number.POSITIVE_INFINITY);
  const blockBest = new Float64Array(blocks).fill(Number.NEGATIVE_INFINITY);
  for (let index = 0; index < candles.length; index += 1) {
    const candle = required(candles[index], 'The candles of a history have no hole.');
    opens[index] = sign * candle.open;
    closes[index] = sign * candle.close;
    const low = sign === 1 ? candle.low : -candle.high;
    const high = sign === 1 ? candle.high : -candle.low;
    worst[index] = low;
    best[index] = high;
    const block = Math.floor(index / BLOCK);
    blockWorst[block] = Math.min(blockWorst[block] ?? low, low);
    blockBest[block] = Math.max(blockBest[block] ?? high, high);
  }
  return { opens, closes, worst, best, blockWorst, blockBest };
}

/** Returns the first candle from `from` on that reaches down to `low` or up to `high`; the length when none does. */
export function findTouch(seen: SeenCandles, from: number, low: number, high: number): number {
  const { worst, best, blockWorst, blockBest } = seen;
  const { length } = worst;
  let index = from;
  while (index < length) {
    if (index % BLOCK === 0) {
      let block = index / BLOCK;
      while (block < blockWorst.length && !touches(blockWorst, blockBest, block, low, high)) {
        block += 1;
      }
      index = block * BLOCK;
      if (index >= length) return length;
    }
    if (touches(worst, best, index, low, high)) return index;
    index += 1;
  }
  return length;
}

function touches(
  worst: Float64Array,
  best: Float64Array,
  index: number,
  low: number,
  high: number,
): boolean {
  return (worst[index] ?? 0) <= low || (best[index] ?? 0) >= high;
}
