import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { judgeSetup, prepareHistory, setupOf, simulateStarts } from '#pkg/backtest';
import { DEFAULT_ACCOUNT_SETTINGS, DIRECTIONS } from '#pkg/domain';
import { readKlines } from '#pkg/market-data';
import { EXIT_FAILED, EXIT_OK, writeLine, type CliContext } from '../context.ts';
import { formatObject } from '../format/output.ts';
import type { BacktestOptions } from '../verbs/market-verbs.ts';
import { describeBacktest, type SideReport } from '../views/backtest.ts';
import { drawBacktest } from '../views/backtest-svg.ts';

/** `kraite backtest SYMBOL`: 0 when every side asked for is approved, 1 when one is not. */
export function runBacktest(context: CliContext, symbol: string, options: BacktestOptions): number {
  const folder =
    options.from === undefined
      ? resolve(context.installFolder, 'data')
      : resolve(context.workingDirectory, options.from);
  const candles = readKlines(folder, { symbol, timeframe: '1h' }).flatMap(
    (series) => series.candles,
  );
  const history = prepareHistory(candles);
  const sides = DIRECTIONS.filter((side) => options.side === 'both' || options.side === side).map(
    (direction): SideReport => {
      const usual = setupOf(DEFAULT_ACCOUNT_SETTINGS, direction);
      const setup = {
        ...usual,
        gapPercent: options.gap ?? usual.gapPercent,
        profitPercent: options.profit ?? usual.profitPercent,
        stopPercent: options.stop ?? usual.stopPercent,
      };
      return { setup, ...judgeSetup(history, setup) };
    },
  );
  const { fromMs, untilMs, hoursAbsent, length } = history;
  const report = { symbol, candles: length, fromMs, untilMs, hoursAbsent, sides };
  const plotted = {
    closes: history.seen.long.closes,
    outcomes: sides.map(({ setup }) => simulateStarts(history, setup)),
  };
  if (options.svg !== undefined) {
    writeFileSync(resolve(context.workingDirectory, options.svg), drawBacktest(report, plotted));
  }
  writeLine(
    context.stdout,
    formatObject(report, options.output, () => describeBacktest(report, plotted)),
  );
  return sides.every(({ kind }) => kind === 'approve') ? EXIT_OK : EXIT_FAILED;
}
