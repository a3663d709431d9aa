import { resolve } from 'node:path';

import { formatInstant } from '#pkg/base';
import { readKlines } from '#pkg/market-data';
import { importCandles, type ImportedSeries } from '#pkg/signals';
import { EXIT_FAILED, EXIT_OK, writeLine, type CliContext } from '../context.ts';
import { formatRows } from '../format/output.ts';
import type { Column } from '../format/table.ts';
import type { SymbolVerbOptions } from '../verbs/market-verbs.ts';
import { withReader } from './with-reader.ts';

/** `kraite market import PATH`: every file is read before anything is written; 1 when one of them is wrong. */
export function runMarketImport(
  context: CliContext,
  path: string,
  options: SymbolVerbOptions,
): Promise<number> {
  const all = readKlines(resolve(context.workingDirectory, path));
  return withReader(context, options.state, async ({ store }) => {
    const done = await importCandles({ store, clock: context.clock }, all);
    if (done.kind === 'refused') {
      writeLine(context.stderr, done.message);
      return EXIT_FAILED;
    }
    const text = formatRows(done.series, COLUMNS, options.output, { whenEmpty: '' });
    writeLine(context.stdout, text);
    return EXIT_OK;
  });
}

const COLUMNS: readonly Column<ImportedSeries>[] = [
  { header: 'SYMBOL', value: ({ symbol }) => symbol },
  { header: 'TIMEFRAME', value: ({ timeframe }) => timeframe },
  { header: 'READ', value: ({ read }) => String(read), align: 'right' },
  { header: 'STORED', value: ({ stored }) => String(stored), align: 'right' },
  { header: 'FROM', value: ({ fromMs }) => formatInstant(fromMs) },
  { header: 'UNTIL', value: ({ untilMs }) => formatInstant(untilMs) },
  { header: 'BACKTEST', value: ({ verdicts }) => verdicts.join(', ') },
];
