import { execFile } from 'node:child_process';

export interface CommandResult {
  /** Exit status; -1 when the command could not be started or died of a signal. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `command` to its end with no input. Never rejects: a command that cannot start is status -1. */
export function runCommand(
  command: string,
  commandArguments: readonly string[],
  options: {
    readonly environment?: Readonly<Record<string, string | undefined>>;
    readonly folder?: string;
  } = {},
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = execFile(
      command,
      [...commandArguments],
      {
        maxBuffer: 64 * 1024 * 1024,
        ...(options.environment === undefined ? {} : { env: options.environment }),
        ...(options.folder === undefined ? {} : { cwd: options.folder }),
      },
      (error, stdout, stderr) => {
        if (error === null) return resolve({ status: 0, stdout, stderr });
        const status = typeof error.code === 'number' ? error.code : -1;
        resolve({ status, stdout, stderr: stderr === '' ? error.message : stderr });
      },
    );
    child.stdin?.end();
  });
}

/** Returns the last lines of what a command said, for an error message. */
export function lastLines(text: string, count = 5): string {
  return text.trim().split('\n').slice(-count).join('\n');
}
