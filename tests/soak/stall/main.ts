/**
 * How often somebody who lives is believed dead, while every core is busy and the collectors of the workers are, too.
 *
 *   kraite soak stall [--minutes M]
 *
 * Exit code 1 when a step was taken from a worker that lives, or when its work came out wrong.
 */
import { readExerciseOptions } from '../../harness/exercise-options.ts';
import { stallFleet } from './stall-fleet.ts';

const { minutes } = readExerciseOptions({ minutes: 30 });
const { workflows, steps, runsAgain, problems } = await stallFleet({
  durationMs: minutes * 60_000,
  niceness: 0,
});
const lines = [
  `${minutes} minutes: ${workflows} workflows of ${steps} steps ended, ${runsAgain} false takeovers`,
  ...problems,
];
process.stdout.write(`${lines.join('\n')}\n`);
process.exit(problems.length + runsAgain === 0 ? 0 : 1);
