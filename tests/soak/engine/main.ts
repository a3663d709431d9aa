/**
 * The step engine under one seed after another.
 *
 *   kraite soak engine [--seeds N] [--first-seed K] [--trace]
 *
 * Prints how far it is; the first seed that fails is printed with what did not hold, and the exit code is 1. A seed does
 * the same again: `--seeds 1 --first-seed SEED --trace` prints every log line of every process on the way.
 */

import { toError } from '#pkg/base';
import { traceTo } from '../../simulation/engine/trace.ts';
import { simulate } from '../../simulation/engine/world.ts';
import { readExerciseOptions } from '../../harness/exercise-options.ts';

const values = readExerciseOptions({ seeds: 10_000, 'first-seed': 1, trace: false });
const { seeds, 'first-seed': firstSeed } = values;
const TELL_EVERY = 5_000;

const write = (line: string): void => void process.stdout.write(`${line}\n`);
const startedAtMs = performance.now();
let deaths = 0;
let virtualMs = 0;
const tell = (done: number): void => {
  const seconds = (performance.now() - startedAtMs) / 1_000;
  write(
    `${done} seeds held in ${seconds.toFixed(1)} s: ${deaths} processes died, ${(virtualMs / 3_600_000).toFixed(1)} hours passed`,
  );
};
for (let seed = firstSeed; seed < firstSeed + seeds; seed += 1) {
  try {
    const report = await simulate(seed, values.trace ? traceTo(write) : undefined);
    deaths += report.deaths;
    virtualMs += report.virtualMs;
  } catch (error) {
    write(toError(error).message);
    write(`again: ./kraite soak engine --seeds 1 --first-seed ${seed} --trace`);
    process.exit(1);
  }
  const done = seed - firstSeed + 1;
  if (done % TELL_EVERY === 0 && done < seeds) tell(done);
}
tell(seeds);
