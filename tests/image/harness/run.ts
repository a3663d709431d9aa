import { execFile } from 'node:child_process';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..', '..');

export interface ToolResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export type Variables = Readonly<Record<string, string | undefined>>;

/** Runs a program to its end. Never rejects: one that cannot be started is status -1. */
export function run(
  [file, ...args]: readonly [string, ...string[]],
  environment: Variables,
): Promise<ToolResult> {
  return new Promise((resolve) => {
    const options = { cwd: ROOT, env: { ...environment }, maxBuffer: 64e6 };
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      const hasEnded = typeof code === 'number';
      const note = hasEnded ? '' : `${file} cannot be run: ${error?.message ?? ''}`;
      resolve({ status: hasEnded ? code : -1, stdout, stderr: stderr + note });
    });
    child.stdin?.end();
  });
}

const LINES = 25;

/** Runs a program that has to end well and returns what it printed; throws with the last lines of what it said. */
export async function mustRun(
  command: readonly [string, ...string[]],
  environment: Variables,
): Promise<string> {
  const { status, stdout, stderr } = await run(command, environment);
  if (status === 0) return stdout;
  const said = `${stdout}${stderr}`.trimEnd().split('\n').slice(-LINES).join('\n');
  throw new Error(`${command.join(' ')} ended with ${status}:\n${said}`);
}
