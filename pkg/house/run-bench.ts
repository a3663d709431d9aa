import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { toError } from '#pkg/base';
import { ensurePrograms } from '#pkg/local';
import { BENCHES } from './benches.ts';
import type { Environment } from './run-tool.ts';

export interface RunBenchOptions {
  /** The clone: where package.json is. */
  readonly root: string;
  readonly environment: Environment;
  readonly write: (text: string) => void;
  /** Ends the measurement, and everything that it started, at once. */
  readonly signal: AbortSignal;
}

/**
 * Runs one measurement with its flags; what it prints goes straight to the terminal.
 *
 * Returns its exit code; 2 for a name that is no bench, 3 when a program that it needs cannot be brought.
 */
export async function runBench(
  name: string,
  flags: readonly string[],
  options: RunBenchOptions,
): Promise<number> {
  const bench = BENCHES.find((known) => known.name === name);
  if (bench === undefined) {
    options.write(
      `unknown bench: ${name}; benches are\n${BENCHES.map((known) => `  ${known.name}: ${known.summary}\n`).join('')}`,
    );
    return 2;
  }
  try {
    await ensurePrograms(bench.programs, {
      environment: options.environment,
      report: (line) => options.write(`${line}\n`),
    });
  } catch (error) {
    options.write(`${toError(error).message}\n`);
    return 3;
  }
  const child = spawn(process.execPath, [join('bench', bench.name, 'main.ts'), ...flags], {
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
