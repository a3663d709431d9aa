import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

import { FleetError } from '#pkg/base';
import { TIMEFRAME_MS, TIMEFRAMES, type Candle, type Timeframe } from '#pkg/domain';
import { parseKlines } from './parse-klines.ts';

/** A folder or file of klines that cannot be used; the message names file and line. */
export class KlineFileError extends FleetError<'KLINES_ABSENT' | 'KLINES_INVALID'> {}

export interface KlineSeries {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  /** Where they were read. */
  readonly files: readonly string[];
  /** Oldest first, one for each open time. */
  readonly candles: readonly Candle[];
}

/**
 * Returns the candles of every file `SYMBOL-TIMEFRAME-….csv` of a folder (or of one such file) that is wanted.
 *
 * Throws {@link KlineFileError} when there is no such file, or with the first mistakes of one that is wrong.
 */
export function readKlines(
  path: string,
  wanted: { readonly symbol?: string; readonly timeframe?: Timeframe } = {},
): readonly KlineSeries[] {
  const files = listFiles(path).flatMap((file) => {
    const named = nameOf(file);
    const isWanted =
      named !== undefined &&
      (wanted.symbol ?? named.symbol) === named.symbol &&
      (wanted.timeframe ?? named.timeframe) === named.timeframe;
    return isWanted ? [{ file, ...named }] : [];
  });
  if (files.length === 0) {
    const name = `${wanted.symbol ?? 'SYMBOL'}-${wanted.timeframe ?? '1h'}-….csv`;
    throw new KlineFileError('KLINES_ABSENT', `${path} holds no file of klines (${name})`);
  }
  const groups = Map.groupBy(files, ({ symbol, timeframe }) => `${symbol} ${timeframe}`);
  return [...groups.values()].map((group) => readSeries(group));
}

function readSeries(
  group: readonly {
    readonly file: string;
    readonly symbol: string;
    readonly timeframe: Timeframe;
  }[],
): KlineSeries {
  const candles = new Map<number, Candle>();
  for (const { file, timeframe } of group) {
    const parsed = parseKlines(readFileSync(file, 'utf8'), TIMEFRAME_MS[timeframe]);
    if (parsed.kind === 'invalid') {
      const lines = parsed.mistakes.map(({ line, message }) => `${file}:${line}: ${message}`);
      throw new KlineFileError('KLINES_INVALID', lines.join('\n'));
    }
    for (const candle of parsed.candles) candles.set(candle.openAtMs, candle);
  }
  const [first] = group;
  return {
    symbol: first?.symbol ?? '',
    timeframe: first?.timeframe ?? '1h',
    files: group.map(({ file }) => file),
    candles: [...candles.values()].toSorted((a, b) => a.openAtMs - b.openAtMs),
  };
}

function listFiles(path: string): readonly string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    throw new KlineFileError('KLINES_ABSENT', `there is no file or folder ${path}`);
  }
  if (found.isFile()) return [path];
  return readdirSync(path)
    .toSorted()
    .map((name) => join(path, name));
}

/** The archive's naming: `BTCUSDT-1h-2024-01.csv`. */
function nameOf(file: string): { symbol: string; timeframe: Timeframe } | undefined {
  const [, symbol, length] = /^([A-Z0-9]+)-(\w+)-.*\.csv$/u.exec(basename(file)) ?? [];
  const timeframe = TIMEFRAMES.find((known) => known === length);
  return symbol === undefined || timeframe === undefined ? undefined : { symbol, timeframe };
}
