import { Argument } from 'commander';

import { UsageError } from '../context.ts';
import type { OutputFormat } from '../format/output.ts';
import { outputOption, stateOption, withExamples, type VerbRegistry } from '../verb-options.ts';

export interface BacktestOptions {
  readonly from?: string;
  readonly side: 'long' | 'short' | 'both';
  readonly gap?: number;
  readonly profit?: number;
  readonly stop?: number;
  readonly svg?: string;
  readonly output: OutputFormat;
}

/** What `why` and `market import` take. */
export interface SymbolVerbOptions {
  readonly state?: string;
  readonly output: OutputFormat;
}

/** Adds the verbs about symbols: why one is traded or not, how a ladder would have done in it, more candles. */
export function addMarketVerbs(registry: VerbRegistry): void {
  addWhy(registry);
  addBacktest(registry);
  addMarket(registry);
}

function addWhy({ program, context, result }: VerbRegistry): void {
  const verb = program
    .command('why')
    .summary('why a symbol is traded or not, a slot is free, a position is as it is')
    .description(
      'Of a symbol: asks the questions by which slots are filled, now and in their order, and shows the\nfirst refusal of each side of each account. Of an account or a free slot: the first gate that refuses.\nOf a position or a taken slot: its whole story in order of time: steps, orders, fills, events, reasons.',
    )
    .argument('<what>', 'a symbol, an account, ACCOUNT/long/1, or the id of a position')
    .addOption(outputOption(['text', 'json', 'yaml']))
    .addOption(stateOption());
  withExamples(verb, [
    ['why BTCUSDT', 'what each side of each account answers'],
    ['why main', 'what keeps the sides of an account from opening'],
    ['why main/long/3', 'the story of the position in a slot, or why it is free'],
    ['why BTCUSDT -o json', 'for a script'],
  ]).action(async (what: string, options: SymbolVerbOptions) => {
    const { runWhy } = await import('../commands/why.ts');
    result.exitCode = await runWhy(context, what, options);
  });
}

function addBacktest({ program, context, result }: VerbRegistry): void {
  const verb = program
    .command('backtest')
    .summary('whether a symbol may be traded: its ladder over recorded candles')
    .description(
      "Opens a position at every recorded hour, follows each to its profit, its stop or the end of the record, and\napproves, adjusts or rejects the setup. Reads files named SYMBOL-1h-….csv of a folder: those that ship with\nthe project, or klines of the venue's public archive. Knows no funding and no filters of the venue.",
    )
    .argument('<symbol>', 'for example BTCUSDT')
    .option('--from <folder>', 'folder or file of klines (default: data/ of the project)')
    .option('--side <side>', 'long, short or both', sideArgument, 'both')
    .option(
      '--gap <percent>',
      'between rungs (default: 8.5 long, 9.5 short)',
      percentArgument('--gap'),
    )
    .option(
      '--profit <percent>',
      'of the profit order (default: 0.36)',
      percentArgument('--profit'),
    )
    .option('--stop <percent>', 'beyond the last rung (default: 2.5)', percentArgument('--stop'))
    .option('--svg <file>', 'also draw price and stops as an image')
    .addOption(outputOption(['text', 'json', 'yaml']));
  withExamples(verb, [
    ['backtest BTCUSDT', 'both sides, by the default settings'],
    ['backtest ETHUSDT --side short --gap 12 -o json', 'one side, a wider ladder'],
    ['backtest SOLUSDT --from ~/klines', 'files of the public archive'],
    ['backtest BTCUSDT --svg btc.svg', 'with an image'],
  ]).action(async (symbol: string, options: BacktestOptions) => {
    const { runBacktest } = await import('../commands/backtest.ts');
    result.exitCode = runBacktest(context, symbol, options);
  });
}

function addMarket({ program, context, result }: VerbRegistry): void {
  const verb = program
    .command('market')
    .summary('bring candles from files of klines into a running fleet')
    .description(
      "import reads every file SYMBOL-TIMEFRAME-….csv of a folder (1h, 4h, 1d; unpacked klines of the venue's public\narchive), and stores the newest 500 of each series: the fleet keeps no more. Ladders of\nthe accounts are judged over 1h files of 90 days and more that end within the last month. A wrong line is named by file and\nnumber, and then nothing is stored.",
    )
    .addArgument(new Argument('<action>', 'what to do').choices(['import']))
    .argument('<path>', 'a file or a folder')
    .addOption(outputOption(['text', 'json', 'yaml']))
    .addOption(stateOption());
  withExamples(verb, [
    ['market import ~/klines', 'all of a folder'],
    ['market import BTCUSDT-4h-2026-10.csv', 'one file'],
  ]).action(async (_action: string, path: string, options: SymbolVerbOptions) => {
    const { runMarketImport } = await import('../commands/market-import.ts');
    result.exitCode = await runMarketImport(context, path, options);
  });
}

function sideArgument(text: string): BacktestOptions['side'] {
  if (text === 'long' || text === 'short' || text === 'both') return text;
  throw new UsageError(`--side: ${text} is not long, short or both`);
}

function percentArgument(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+(?:\.\d+)?$/u.test(text) && value > 0 && value < 100) return value;
    throw new UsageError(`${option}: ${text} is not a percentage above 0 and under 100`);
  };
}
