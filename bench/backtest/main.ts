/**
 * How long one configuration of a backtest takes over two years of hourly candles, beside a plain walk.
 *
 *   kraite bench backtest [--runs 21] [--json FILE]
 *
 * A configuration is one setup in one direction: a position opened at each of 17,520 candles, followed to its end, and the
 * figures of all of them. The histories are seeded random walks: of a calm market, of a wild one, and of one that
 * falls so slowly that longs wait for months. The plain walk is the one that the tests compare with; it runs once.
 */
import { writeFileSync } from 'node:fs';

import { prepareHistory, setupOf, simulateStarts, summarizeOutcomes } from '#pkg/backtest';
import { createSystemClock } from '#pkg/base';
import { DEFAULT_ACCOUNT_SETTINGS, DIRECTIONS } from '#pkg/domain';
import { walkObviously } from '../../tests/harness/obvious-ladder.ts';
import { randomCandles } from '../../tests/harness/random-candles.ts';
import { readExerciseOptions } from '../../tests/harness/exercise-options.ts';

const values = readExerciseOptions({ runs: 21, json: undefined });
const HOURS = 17_520;
const MARKETS = [
  { name: 'calm', volatility: 0.005, drift: 0 },
  { name: 'wild', volatility: 0.02, drift: 0 },
  { name: 'slow fall', volatility: 0.0005, drift: -0.000_015 },
] as const;

interface Row {
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  readonly peers: Readonly<Record<string, number>>;
  readonly runs: readonly number[];
}

const clock = createSystemClock();
const rows: Row[] = MARKETS.flatMap(({ name, ...market }) => {
  const candles = randomCandles(name, { count: HOURS, ...market });
  const history = prepareHistory(candles);
  const prepared = measure(() => prepareHistory(candles));
  const rowsOfMarket = DIRECTIONS.map((direction): Row => {
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

for (const { name, ours, peers } of rows) {
  const beside = Object.entries(peers).map(
    ([peer, value]) => `   ${peer} ${value.toFixed(0)} ms (${(value / ours).toFixed(0)}×)`,
  );
  process.stdout.write(`${name.padEnd(36)} ${ours.toFixed(2).padStart(8)} ms${beside.join('')}\n`);
}
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify({ rows }, null, 2));

function row(name: string, runs: readonly number[], peers: Row['peers']): Row {
  const sorted = runs.toSorted((a, b) => a - b);
  return { name, unit: 'ms', ours: sorted[Math.floor(sorted.length / 2)] ?? 0, peers, runs };
}

function measure(run: () => void): number {
  const from = clock.monotonicMs();
  run();
  return clock.monotonicMs() - from;
}
