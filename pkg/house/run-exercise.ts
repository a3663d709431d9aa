import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { toError } from '#pkg/base';
import { ensurePrograms } from '#pkg/local';
import { BENCHES, type Bench } from './benches.ts';
import { SOAKS } from './soaks.ts';
import type { Environment } from './run-tool.ts';

/** A measurement, or a long search for a fault. */
export type ExerciseKind = 'bench' | 'soak';

const EXERCISES: Readonly<
  Record<ExerciseKind, { readonly known: readonly Bench[]; readonly folder: string }>
> = {
  bench: { known: BENCHES, folder: 'bench' },
  soak: { known: SOAKS, folder: join('tests', 'soak') },
};

export interface RunExerciseOptions {
  /** The clone: where package.json is. */
  readonly root: string;
  readonly environment: Environment;
  readonly write: (text: string) => void;
  /** Ends it, and everything that it started, at once. */
  readonly signal: AbortSignal;
}

/**
 * Runs one with its flags; what it prints goes straight to the terminal.
 *
 * Returns its exit code; 2 for an unknown name, 3 when a program that it needs cannot be brought.
 */
export async function runExercise(
  kind: ExerciseKind,
  name: string,
  flags: readonly string[],
  options: RunExerciseOptions,
): Promise<number> {
  const { known, folder } = EXERCISES[kind];
  const exercise = known.find((each) => each.name === name);
  if (exercise === undefined) {
    options.write(
      `unknown ${kind}: ${name}; known are\n${known.map((each) => `  ${each.name}: ${each.summary}\n`).join('')}`,
    );
    return 2;
  }
  try {
    await ensurePrograms(exercise.programs, {
      environment: options.environment,
      report: (line) => options.write(`${line}\n`),
    });
  } catch (error) {
    options.write(`${toError(error).message}\n`);
    return 3;
  }
  const child = spawn(process.execPath, [join(folder, exercise.name, 'main.ts'), ...flags], {
    cwd: options.root,
    env: options.environment,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const stop = (): void => void child.kill('SIGTERM');
  options.signal.addEventListener('abort', stop, { once: true });
  const [status] = (await once(child, 'close')) as [number | null];
  options.signal.removeEventListener('abort', stop);
  return status ?? 1;
}
