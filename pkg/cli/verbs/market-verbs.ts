import { UsageError } from '../context.ts';
import type { OutputFormat } from '../format/output.ts';
import { outputOption, withExamples, type VerbRegistry } from '../verb-options.ts';

export interface BacktestOptions {
  readonly from?: string;
  readonly side: 'long' | 'short' | 'both';
  readonly gap?: number;
  readonly profit?: number;
  readonly stop?: number;
  readonly output: OutputFormat;
}

/** Adds the verbs that ask what a market was like; they need no fleet. */
export function addMarketVerbs(registry: VerbRegistry): void {
  addBacktest(registry);
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
    .addOption(outputOption(['text', 'json', 'yaml']));
  withExamples(verb, [
    ['backtest BTCUSDT', 'both sides, by the default settings'],
    ['backtest ETHUSDT --side short --gap 12 -o json', 'one side, a wider ladder'],
    ['backtest SOLUSDT --from ~/klines', 'files of the public archive'],
  ]).action(async (symbol: string, options: BacktestOptions) => {
    const { runBacktest } = await import('../commands/backtest.ts');
    result.exitCode = runBacktest(context, symbol, options);
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
