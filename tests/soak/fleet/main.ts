/**
 * The whole fleet under one seed after another.
 *
 *   kraite soak fleet [--seeds N] [--first-seed K] [--days D] [--mark-step SECONDS] [--market regimes|lively|FOLDER] [--storms PER_DAY | --calm] [--trace]
 *
 * Prints how far it is; the first seed that fails is printed with what did not hold and the story of its position, and
 * the exit code is 1. A seed does the same again: `--seeds 1 --first-seed SEED --trace` prints every log line on the way.
 */
import { toError } from '#pkg/base';

import { readReplay } from '../../../pkg/exchange/simulated/market/replay.ts';
import { readExerciseOptions } from '../../harness/exercise-options.ts';
import { createTally } from '../../simulation/fleet/tally.ts';
import { simulateFleet } from '../../simulation/fleet/simulate-fleet.ts';
import { traceTo } from '../../simulation/engine/trace.ts';

const STORMS_A_DAY = 10;
const values = readExerciseOptions({
  seeds: 20,
  'first-seed': 1,
  days: 1,
  'mark-step': 10,
  market: 'regimes',
  storms: STORMS_A_DAY,
  calm: false,
  trace: false,
});
const { seeds, 'first-seed': firstSeed, days, 'mark-step': markStep, storms, calm } = values;
const TELL_EVERY_MS = 30_000;

const write = (line: string): void => void process.stdout.write(`${line}\n`);
const market =
  values.market === 'regimes' || values.market === 'lively'
    ? values.market
    : openReplay(values.market);
const tally = createTally();
let toldAtMs = performance.now();
for (let seed = firstSeed; seed < firstSeed + seeds; seed += 1) {
  const report = await simulateFleet({
    seed,
    days,
    market,
    stormsADay: calm ? 0 : storms,
    markStepMs: markStep * 1_000,
    ...(values.trace ? { logOf: traceTo(write) } : {}),
  });
  tally.add(report);
  if (report.problems.length > 0) {
    write(`seed ${seed}, after ${report.hours.toFixed(2)} hours (trace ${report.trace}):`);
    for (const storm of report.storms) write(`  storm ${storm}`);
    for (const problem of report.problems) write(`  ${problem}`);
    for (const line of report.story) write(line);
    const weather = calm ? '--calm' : `--storms ${storms}`;
    write(
      `again: ./kraite soak fleet --seeds 1 --first-seed ${seed} --days ${days} --mark-step ${markStep} ${weather} --trace`,
    );
    process.exit(1);
  }
  if (performance.now() - toldAtMs < TELL_EVERY_MS) continue;
  toldAtMs = performance.now();
  write(tally.sentence());
}
write(tally.sentence());
for (const line of tally.table()) write(line);

function openReplay(folder: string) {
  try {
    return readReplay(folder);
  } catch (error) {
    process.stderr.write(`--market: ${toError(error).message}\n`);
    process.exit(2);
  }
}
