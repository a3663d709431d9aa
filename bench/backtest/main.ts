/**
 * How long one configuration of a backtest takes over two years of hourly candles, beside a plain walk.
 *
 *   kraite bench backtest [--runs 21] [--json FILE]
 *
 * A configuration is one setup in one direction: a position opened at each of 17,520 candles, followed to its end, and the
 * figures of all of them. The histories are seeded random walks: of a calm market, of a wild one, and of one that
 * falls so slowly that longs wait for months. The plain walk is the one that the tests compare with; it runs once.
 */

import { prepareHistory, setupOf, simulateStarts, summarizeOutcomes } from '#pkg/backtest';
import { createSystemClock } from '#pkg/base';
import { DEFAULT_ACCOUNT_SETTINGS, DIRECTIONS } from '#pkg/domain';
import { walkObviously } from '../../tests/harness/obvious-ladder.ts';
import { randomCandles } from '../../tests/harness/random-candles.ts';
import { readExerciseOptions } from '../../tests/harness/exercise-options.ts';
import { median, printRows, writeRows, type BenchRow } from '../report.ts';

const values = readExerciseOptions({ runs: 21, json: undefined });
const HOURS = 17_520;
const MARKETS = [
  { name: 'calm', volatility: 0.005, drift: 0 },
  { name: 'wild', volatility: 0.02, drift: 0 },
  { name: 'slow fall', volatility: 0.0005, drift: -0.000_015 },
] as const;

const clock = createSystemClock();
const rows: BenchRow[] = MARKETS.flatMap(({ name, ...market }) => {
  const candles = randomCandles(name, { count: HOURS, ...market });
  const history = prepareHistory(candles);
  const prepared = measure(() => prepareHistory(candles));
  const rowsOfMarket = DIRECTIONS.map((direction): BenchRow => {
    const setup = setupOf(DEFAULT_ACCOUNT_SETTINGS, direction);
    const runs = Array.from({ length: values.runs }, () =>
      measure(() => {
        summarizeOutcomes(history, simulateStarts(history, setup), setup.multipliers.length);
      }),
    );
    const plain = measure(() => {
      for (let start = 0; start < HOURS; start += 1) walkObviously(candles, setup, start);
    });
    return row(`${name}, ${direction}`, runs, { 'plain walk': plain });
  });
  return [...rowsOfMarket, row(`${name}, preparing the history`, [prepared], {})];
});

printRows(rows);
writeRows(values.json, rows);

function row(name: string, runs: readonly number[], peers: BenchRow['peers']): BenchRow {
  return { name, unit: 'ms', ours: median(runs), peers, runs: runs.length };
}

function measure(run: () => void): number {
  const from = clock.monotonicMs();
  run();
  return clock.monotonicMs() - from;
}
