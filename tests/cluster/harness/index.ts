/**
 * harness of the cluster: `./kraite lab …` as a person types it.
 *
 * There is one lab on a machine, so the part's files run one after the other, and a lab that is up when a file begins is
 * somebody's: the file fails and leaves it alone. Needs root.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { createSystemClock } from '#pkg/base';

const ROOT = join(import.meta.dirname, '../../..');
const OUTPUT_MAX = 64e6;

export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `kraite lab …` to its end. Never rejects. */
export function tryLab(...args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(ROOT, 'cmd/kraite/main.ts'), 'lab', ...args],
      { cwd: ROOT, maxBuffer: OUTPUT_MAX },
      (error, stdout, stderr) => {
        const status = error === null ? 0 : Number(error.code);
        resolve({ status, stdout, stderr });
      },
    );
  });
}

/** Runs `kraite lab …`, which has to end well, and returns what it printed. */
export async function lab(...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await tryLab(...args);
  if (status === 0) return stdout;
  throw new Error(`kraite lab ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
}

/** Runs kubectl at the desk. */
export function kubectl(...args: readonly string[]): Promise<string> {
  return lab('exec', 'desk', 'kubectl', ...args);
}

export interface BoxStatus {
  readonly name: string;
  readonly power: string;
  readonly kubernetes: string;
  readonly notes: readonly string[];
}

export async function readBoxes(): Promise<readonly BoxStatus[]> {
  // A box that is not Ready makes it end with 1.
  const { stdout, stderr } = await tryLab('status', '--output', 'json');
  if (stdout === '') throw new Error(`kraite lab status says nothing but: ${stderr}`);
  return JSON.parse(stdout) as readonly BoxStatus[];
}

const PATIENCE_MS = 120_000;

/** Waits until `check` says something other than undefined. */
export async function until<Found>(
  what: string,
  check: () => Promise<Found | undefined>,
): Promise<Found> {
  const clock = createSystemClock();
  const untilMs = clock.monotonicMs() + PATIENCE_MS;
  for (;;) {
    const found = await check();
    if (found !== undefined) return found;
    if (clock.monotonicMs() > untilMs) throw new Error(`not within two minutes: ${what}`);
    await clock.sleep(500);
  }
}
