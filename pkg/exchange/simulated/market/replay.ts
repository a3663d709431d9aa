/**
 * Replay of recorded candles: of the venue's public kline files, or of this project's own `data/`.
 *
 * A folder holds unpacked files `SYMBOL-INTERVAL-….csv` of one interval. What all symbols have in common is replayed at
 * its own pace: the first part is history, and at the end time turns round, so that it never runs out.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FleetError, required, toError } from '#pkg/base';
import type { Candle } from '#pkg/domain';
import { parseKlines } from '#pkg/market-data';
import { INTERVALS_MS } from './intervals.ts';
import { priceInCandle } from './price-path.ts';
import type { PriceSource } from './price-source.ts';
import { symbolNamed, type ListedSymbol } from './symbols.ts';

const HOUR_MS = 3_600_000;
const CANDLES_MIN = 48;
/** Of what is replayed, this much is history, unless that is more than 500 hours. */
const HISTORY_PART = 0.5;
const HISTORY_HOURS_MAX = 500;
const FILE = /^([A-Z0-9]+)-(1m|3m|5m|15m|30m|1h)(-.*)?\.csv$/;

/** The folder cannot be replayed; the message says what is wrong with which file. */
export class ReplayError extends FleetError<'VENUE_REPLAY'> {
  constructor(message: string, cause?: unknown) {
    super('VENUE_REPLAY', message, { cause });
  }
}

export interface Replay {
  readonly listed: readonly ListedSymbol[];
  readonly source: PriceSource;
  /** When the recording of the first live instant was made. */
  readonly recordedFromMs: number;
  /** How long the recording lasts from there until time turns round. */
  readonly lengthMs: number;
}

/** Reads the candles of a folder. Throws ReplayError. */
export function readReplay(folder: string): Replay {
  const bySymbol = new Map<string, Map<number, Candle>>();
  let candleMs: number | undefined;
  for (const name of filesIn(folder)) {
    const [, symbol = '', interval = ''] = FILE.exec(name) ?? [];
    const lengthMs = required(INTERVALS_MS[interval], 'The file pattern names known intervals.');
    if (candleMs !== undefined && candleMs !== lengthMs) {
      throw new ReplayError(`${folder} mixes intervals: ${name} is not like the files before it`);
    }
    candleMs = lengthMs;
    const candles = bySymbol.get(symbol) ?? new Map<number, Candle>();
    for (const candle of parseFile(join(folder, name), lengthMs))
      candles.set(candle.openAtMs, candle);
    bySymbol.set(symbol, candles);
  }
  if (candleMs === undefined) {
    throw new ReplayError(
      `${folder} holds no kline files; unpack some there, named like BTCUSDT-1h-2024-01.csv`,
    );
  }
  return assemble(bySymbol, candleMs);
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => FILE.test(name))
      .toSorted();
  } catch (thrown) {
    throw new ReplayError(`cannot read the folder ${folder}: ${toError(thrown).message}`, thrown);
  }
}

function assemble(
  bySymbol: ReadonlyMap<string, ReadonlyMap<number, Candle>>,
  candleMs: number,
): Replay {
  const ranges = [...bySymbol].map(([symbol, candles]) => {
    const times = [...candles.keys()];
    return { symbol, firstMs: minOf(times), lastMs: -minOf(times.map((time) => -time)) };
  });
  const firstMs = Math.max(...ranges.map((range) => range.firstMs));
  const lastMs = Math.min(...ranges.map((range) => range.lastMs));
  const count = Math.floor((lastMs - firstMs) / candleMs) + 1;
  if (!(count >= CANDLES_MIN)) {
    const late = ranges.find((range) => range.firstMs === firstMs)?.symbol ?? '';
    const early = ranges.find((range) => range.lastMs === lastMs)?.symbol ?? '';
    throw new ReplayError(
      `the files have ${Math.max(0, count)} candles in common, ${CANDLES_MIN} are needed: ` +
        `${late} begins last and ${early} ends first`,
    );
  }
  const rows = [...bySymbol.values()].map((candles) => filled(candles, firstMs, candleMs, count));
  const perHour = HOUR_MS / candleMs;
  const wanted = Math.min(count * HISTORY_PART, HISTORY_HOURS_MAX * perHour);
  const start = Math.max(perHour, Math.floor(wanted / perHour) * perHour);
  const lengthMs = (count - start) * candleMs;
  const listed = [...bySymbol.keys()].map((symbol, index) =>
    symbolNamed(symbol, rows[index]?.[start]?.open ?? 1),
  );
  return {
    listed,
    source: createReplaySource(rows, { candleMs, start }),
    recordedFromMs: firstMs + start * candleMs,
    lengthMs,
  };
}

function minOf(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
}

/** Candles without a gap: where one is missing the price stands still. */
function filled(
  candles: ReadonlyMap<number, Candle>,
  firstMs: number,
  candleMs: number,
  count: number,
): readonly Candle[] {
  let last = required(candles.get(firstMs), 'The common range begins with a candle.');
  return Array.from({ length: count }, (_, index) => {
    const openAtMs = firstMs + index * candleMs;
    const price = last.close;
    const flat = { openAtMs, open: price, high: price, low: price, close: price, volume: 0 };
    last = candles.get(openAtMs) ?? flat;
    return last;
  });
}

function createReplaySource(
  rows: readonly (readonly Candle[])[],
  { candleMs, start }: { readonly candleMs: number; readonly start: number },
): PriceSource {
  const candlesOf = (index: number): readonly Candle[] =>
    required(rows[index], 'A symbol index is within the list.');
  return {
    priceAt: (symbolIndex, marketMs) => {
      const candles = candlesOf(symbolIndex);
      const spanMs = (candles.length - start) * candleMs;
      const phaseMs = marketMs % (2 * spanMs);
      const forwardMs = phaseMs < spanMs ? phaseMs : 2 * spanMs - phaseMs;
      const index = Math.min(candles.length - start - 1, Math.floor(forwardMs / candleMs));
      const candle = required(candles[start + index], 'The replay lies within the recording.');
      return priceInCandle(candle, forwardMs / candleMs - index);
    },
    historyOf: (symbolIndex, endAtMs) => {
      const perHour = HOUR_MS / candleMs;
      const hours = start / perHour;
      return Array.from({ length: hours }, (_, hour) => {
        const parts = candlesOf(symbolIndex).slice(hour * perHour, (hour + 1) * perHour);
        const first = required(parts[0], 'History is whole hours.');
        return {
          openAtMs: endAtMs - (hours - hour) * HOUR_MS,
          open: first.open,
          high: Math.max(...parts.map(({ high }) => high)),
          low: Math.min(...parts.map(({ low }) => low)),
          close: parts.at(-1)?.close ?? first.close,
          volume: parts.reduce((sum, { volume }) => sum + volume, 0),
        };
      });
    },
    leanAt: () => 0,
  };
}

function parseFile(path: string, lengthMs: number): readonly Candle[] {
  const parsed = parseKlines(readFileSync(path, 'utf8'), lengthMs);
  if (parsed.kind === 'read') return parsed.candles;
  throw new ReplayError(
    parsed.mistakes.map(({ line, message }) => `${path}:${line}: ${message}`).join('\n'),
  );
}
