import { execFile } from 'node:child_process';

export interface ToolResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. Never rejects: one that cannot be started is status -1. */
export function run(
  command: readonly [string, ...string[]],
  options: {
    readonly environment: Readonly<Record<string, string | undefined>>;
    readonly input?: string;
  },
): Promise<ToolResult> {
  const [file, ...args] = command;
  return new Promise((resolve) => {
    const child = execFile(
      file,
      args,
      { env: { ...options.environment }, maxBuffer: 64e6 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code;
        const hasEnded = typeof code === 'number';
        const note = hasEnded ? '' : `${file} cannot be run: ${error?.message ?? ''}`;
        resolve({ status: hasEnded ? code : -1, stdout, stderr: stderr + note });
      },
    );
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input ?? '');
  });
}
