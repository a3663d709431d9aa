import { execFile } from 'node:child_process';
import { LabError } from './lab-error.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly environment?: Variables;
  readonly input?: string;
  readonly timeoutMs?: number;
}

const OUTPUT_MAX = 64e6;

/** Runs a program to its end. Never rejects: one that cannot be started, or was ended, is status -1. */
export function run(
  command: readonly [string, ...string[]],
  { environment, input, timeoutMs }: RunOptions = {},
): Promise<Outcome> {
  const [file, ...args] = command;
  return new Promise((resolve) => {
    const child = execFile(
      file,
      args,
      {
        maxBuffer: OUTPUT_MAX,
        ...(environment === undefined ? {} : { env: environment }),
        ...(timeoutMs === undefined ? {} : { timeout: timeoutMs, killSignal: 'SIGKILL' }),
      },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code;
        const hasEnded = typeof code === 'number';
        resolve({
          status: hasEnded ? code : -1,
          stdout,
          stderr: hasEnded ? stderr : `${stderr}${file}: ${error?.message ?? ''}`,
        });
      },
    );
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input ?? '');
  });
}

const LINES = 8;

/** Runs a program that has to end well and returns what it printed. Throws {@link LabError} COMMAND_FAILED. */
export async function mustRun(
  command: readonly [string, ...string[]],
  options: RunOptions = {},
): Promise<string> {
  const { status, stdout, stderr } = await run(command, options);
  if (status === 0) return stdout;
  const said = `${stdout}\n${stderr}`.trim().split('\n').slice(-LINES).join('\n');
  throw new LabError(
    'COMMAND_FAILED',
    `${command.slice(0, 6).join(' ')} … ended with ${status}:\n${said}`,
  );
}
