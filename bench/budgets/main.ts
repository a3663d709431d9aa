/**
 * How much of each limit is used, and whether any is overstepped, beside BullMQ's limiter and a token bucket.
 *
 *   kraite bench budgets [--minutes 10] [--disturbed-minutes 3] [--only weight,orders,indicators,…] [--json FILE]
 *
 * What counts is what the venue counted. `weight` is four addresses from four processes; each disturbance is a run of
 * its own: `skew` (hosts half a second off, both ways), `headers` (5 % of answers lose theirs), `ban` (one address, midway),
 * `redis` (taken away midway, back with nothing in it). `orders` is three accounts, `indicators` a plan whose
 * provider says neither how nor from when it counts, from four processes of which one is killed midway; the row
 * `taapi-window` tells which window it drew.
 */

import { readExerciseOptions } from '../../tests/harness/exercise-options.ts';
import { printRows, writeRows, type BenchRow } from '../report.ts';
import { startBenchRedis } from './bench-redis.ts';
import { PLAN } from './indicator-provider.ts';
import { runIndicators } from './indicators-run.ts';
import { runOrders } from './orders-run.ts';
import { runWeight, type Disturbance } from './weight-run.ts';

const values = readExerciseOptions({
  minutes: 10,
  'disturbed-minutes': 3,
  only: 'weight,skew,headers,ban,redis,orders,indicators',
  json: undefined,
});
const { minutes, 'disturbed-minutes': disturbedMinutes } = values;
const ORDERS_MINUTES_MAX = 3;
const INDICATORS_MINUTES_MAX = 4;
const rows: BenchRow[] = [];

await using redis = await startBenchRedis();

const RUNS: Readonly<Record<string, () => Promise<void>>> = {
  weight: () => weight('none'),
  skew: () => weight('skew'),
  headers: () => weight('headers'),
  ban: () => weight('ban'),
  redis: () => weight('redis'),
  orders,
  indicators,
};
for (const name of values.only.split(',')) {
  process.stderr.write(`${name} …\n`);
  await RUNS[name]?.();
}
printRows(rows);
writeRows(values.json, rows);

interface Measured<Figures> {
  readonly ours: Figures;
  readonly bullmq: Figures;
  readonly 'token-bucket': Figures;
}

function add<Figures>(
  name: string,
  unit: string,
  measured: Measured<Figures>,
  pick: (figures: Figures) => number,
  withPeers = true,
): void {
  const peers = withPeers
    ? { bullmq: pick(measured.bullmq), 'token-bucket': pick(measured['token-bucket']) }
    : {};
  rows.push({ name, unit, ours: pick(measured.ours), peers, runs: 1 });
}

async function weight(disturbance: Disturbance): Promise<void> {
  const isPlain = disturbance === 'none';
  const measured = await runWeight(redis, {
    disturbance,
    minutes: isPlain ? minutes : disturbedMinutes,
    withPeers: isPlain,
  });
  const suffix = isPlain ? '' : `-${disturbance}`;
  add(`weight-use${suffix}`, '%', measured, (figures) => figures.usePercent, isPlain);
  add(`weight-429${suffix}`, 'refusals', measured, (figures) => figures.refused, isPlain);
  add(`weight-imbalance${suffix}`, 'most ÷ mean', measured, (figures) => figures.imbalance, false);
}

async function orders(): Promise<void> {
  const measured = await runOrders(redis, Math.min(minutes, ORDERS_MINUTES_MAX));
  add('orders-use', '%', measured, (figures) => figures.usePercent);
  add('orders-1015', 'refusals', measured, (figures) => figures.refused);
}

async function indicators(): Promise<void> {
  const measured = await runIndicators(redis, Math.min(minutes, INDICATORS_MINUTES_MAX));
  const unit = `ms, ${measured.window}`;
  rows.push({ name: 'taapi-window', unit, ours: PLAN.windowMs, peers: {}, runs: 1 });
  add('taapi-use', '%', measured, (figures) => figures.usePercent);
  add('taapi-429', 'refusals', measured, (figures) => figures.refused);
  add(
    'taapi-calculations-per-request',
    'of 20',
    measured,
    (figures) => figures.calculations,
    false,
  );
}
