/**
 * Processes killed at random moments, while workflows with effects outside run.
 *
 *   kraite soak kill [--kills N] [--first-seed K] [--fleets F]
 *
 * So many small fleets stand side by side, each with servers of its own, and share the kills. A seed draws the same victims
 * and pauses again, though not the same moments. Exit code 1, with what did not hold.
 */
import { readExerciseOptions } from '../../harness/exercise-options.ts';
import { killFleet } from './kill-fleet.ts';

const values = readExerciseOptions({ kills: 200, 'first-seed': 1, fleets: 1 });
const { fleets, 'first-seed': firstSeed } = values;
const kills = Math.ceil(values.kills / fleets);
const write = (line: string): void => void process.stdout.write(`${line}\n`);

const reports = await Promise.all(
  Array.from({ length: fleets }, async (_, at) => {
    const seed = firstSeed + at;
    const report = await killFleet({
      kills,
      seed,
      report: (line) => write(`seed ${seed}: ${line}`),
    });
    const victims = Object.entries(report.kills).map(([name, count]) => `${name} ${count}`);
    write(
      `seed ${seed}: killed ${victims.join(', ')}; ${report.workflows} workflows of ${report.steps} steps ended, ${report.runsAgain} runs were repeated`,
    );
    for (const problem of report.problems) write(`seed ${seed}: ${problem}`);
    return report;
  }),
);
const problems = reports.reduce((sum, report) => sum + report.problems.length, 0);
write(problems === 0 ? 'everything held' : `${problems} problems`);
process.exit(problems === 0 ? 0 : 1);
