/** The market as the venue and the indicator provider see it: prices and candles by wall-clock time. */
import { required } from '#pkg/base';
import type { Candle } from '#pkg/domain';
import { createCandleStore, type CandleStore } from './candle-store.ts';
import { marketTimeAt, type MarketSession } from './market-clock.ts';
import { priceInCandle } from './price-path.ts';
import { createLivelySource, type PriceSource } from './price-source.ts';
import { openOf, stepOpen } from './intervals.ts';
import { moveFactor, type PriceMove } from './moves.ts';
import { hashAt, latticeNoise } from './noise.ts';
import { packCandles, type PackedCandles } from './packed-candles.ts';
import { LISTED_SYMBOLS, type ListedSymbol } from './symbols.ts';

const HOUR_MS = 3_600_000;
const PREMIUM_PERIOD_MS = 5_400_000;
const PREMIUM_DEVIATION = 0.0003;

export interface CandleRange {
  readonly intervalMs: number;
  readonly limit: number;
  /** First open time wanted; with it, candles are counted from the oldest. */
  readonly startMs?: number | undefined;
  /** Last open time wanted; now when absent. */
  readonly endMs?: number | undefined;
}

export interface Market {
  readonly seed: string;
  readonly sessions: readonly MarketSession[];
  readonly listed: readonly ListedSymbol[];
  /** Mark price of a listed symbol at `realMs`, not rounded. */
  priceAt(symbol: string, realMs: number): number;
  /** Last price of the contract: the mark price but for moves that spare it. */
  lastPriceAt(symbol: string, realMs: number): number;
  /** How far the contract stands above the index, as a part of the index. */
  premiumAt(symbol: string, realMs: number): number;
  /** Lets `name` have the prices and candles of a listed symbol. */
  alias(name: string, symbol: string): void;
  /** Works out the history of the next `count` symbols that have none yet, so that no request waits for all of them. */
  prepare(count: number): void;
  /** Candles, oldest first; the last may still be open at `nowMs`. */
  candles(symbol: string, range: CandleRange, nowMs: number): readonly Candle[];
}

const SAMPLE_MS = 2_000;

export interface MarketOptions {
  readonly listed?: readonly ListedSymbol[];
  /** Moves on order, asked for at every price. */
  readonly moves?: () => readonly PriceMove[];
  /** Where prices come from; the lively source when absent. */
  readonly source?: PriceSource;
  /** Time between two prices that candles are read off; 2 s when absent. */
  readonly sampleMs?: number;
}

/** Returns the market of `seed` that has run through `sessions` (at least one). */
export function createMarket(
  seed: string,
  sessions: readonly MarketSession[],
  options: MarketOptions = {},
): Market {
  const listed = options.listed ?? LISTED_SYMBOLS;
  const { moves: movesNow = () => [], sampleMs = SAMPLE_MS } = options;
  const source = options.source ?? createLivelySource(seed, listed);
  const epochMs = required(sessions[0], 'A market has at least one session.').realMs;
  const historyEndMs = Math.floor(epochMs / HOUR_MS) * HOUR_MS;
  const indexes = new Map(listed.map((each, index) => [each.symbol, index]));
  const histories = new Map<number, PackedCandles>();
  const stores = new Map<number, CandleStore>();

  function historyOf(index: number): PackedCandles {
    const history = histories.get(index) ?? packCandles(source.historyOf(index, historyEndMs));
    histories.set(index, history);
    return history;
  }

  /** The open hour before the market began leads from the last close to the first price. */
  function priceOf(index: number, realMs: number, which: 'mark' | 'last' = 'mark'): number {
    if (realMs >= epochMs) {
      const price = source.priceAt(index, marketTimeAt(sessions, realMs));
      const moves = movesNow();
      if (moves.length === 0) return price;
      return price * moveFactor(moves, listed[index]?.symbol ?? '', realMs, which);
    }
    if (realMs < historyEndMs) return historicPrice(historyOf(index), realMs);
    const first = source.priceAt(index, 0);
    const history = historyOf(index);
    const open = history.at(history.length - 1)?.close ?? first;
    const part = (realMs - historyEndMs) / Math.max(1, epochMs - historyEndMs);
    return open + (first - open) * part;
  }

  function storeOf(index: number): CandleStore {
    const priceAt = (realMs: number): number => priceOf(index, realMs, 'last');
    const history = historyOf(index);
    const store =
      stores.get(index) ?? createCandleStore({ history, historyEndMs, priceAt, sampleMs });
    stores.set(index, store);
    return store;
  }

  const indexOf = (symbol: string): number =>
    required(indexes.get(symbol), 'Only listed symbols are asked for.');

  let prepared = 0;
  return {
    seed,
    sessions,
    listed,
    priceAt: (symbol, realMs) => priceOf(indexOf(symbol), realMs),
    lastPriceAt: (symbol, realMs) => priceOf(indexOf(symbol), realMs, 'last'),
    premiumAt: (symbol, realMs) => {
      const index = indexOf(symbol);
      const noise = latticeNoise(hashAt(0x51ed270b, index), realMs, PREMIUM_PERIOD_MS);
      return PREMIUM_DEVIATION * noise + source.leanAt(index, marketTimeAt(sessions, realMs));
    },
    alias: (name, symbol) => {
      indexes.set(name, indexOf(symbol));
    },
    prepare: (count) => {
      const end = Math.min(listed.length, prepared + count);
      for (; prepared < end; prepared += 1) historyOf(prepared);
    },
    candles: (symbol, range, nowMs) => {
      const index = indexOf(symbol);
      const store = storeOf(index);
      return openTimes(range, historyOf(index).at(0)?.openAtMs ?? historyEndMs, nowMs)
        .map((openAtMs) => store.candle(openAtMs, next(range.intervalMs, openAtMs), nowMs))
        .filter((candle) => candle !== undefined);
    },
  };
}

/** Price within the hourly candles of before the market began; the oldest open before those. */
function historicPrice(history: PackedCandles, realMs: number): number {
  const oldest = required(history.at(0), 'A symbol has a history.');
  const hours = (realMs - oldest.openAtMs) / HOUR_MS;
  const hour = history.at(Math.floor(hours));
  return hour === undefined ? oldest.open : priceInCandle(hour, hours % 1);
}

/** A start before the oldest candle means the oldest candle. */
function openTimes(range: CandleRange, oldestMs: number, nowMs: number): readonly number[] {
  const { intervalMs, limit } = range;
  const newestMs = openOf(intervalMs, Math.min(range.endMs ?? nowMs, nowMs));
  let openAtMs = stepOpen(intervalMs, newestMs, 1 - limit);
  if (range.startMs !== undefined) {
    const startMs = Math.max(range.startMs, openOf(intervalMs, oldestMs));
    openAtMs = next(intervalMs, openOf(intervalMs, startMs - 1));
  }
  const times: number[] = [];
  for (; openAtMs <= newestMs && times.length < limit; openAtMs = next(intervalMs, openAtMs)) {
    times.push(openAtMs);
  }
  return times;
}

function next(intervalMs: number, openAtMs: number): number {
  return stepOpen(intervalMs, openAtMs, 1);
}
