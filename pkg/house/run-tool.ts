import { spawn } from 'node:child_process';
import { join } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ToolResult {
  readonly status: number;
  readonly output: string;
}

/** Runs a program of node_modules/.bin in the clone, with our Node first on PATH. Never rejects. */
export function runTool(
  command: readonly [string, ...string[]],
  options: { readonly root: string; readonly environment: Environment },
): Promise<ToolResult> {
  const binaries = join(options.root, 'node_modules/.bin');
  const [tool, ...toolArguments] = command;
  return new Promise((resolve) => {
    const child = spawn(join(binaries, tool), toolArguments, {
      cwd: options.root,
      env: {
        ...options.environment,
        PATH: `${binaries}:${options.environment['PATH'] ?? '/usr/bin:/bin'}`,
        NO_COLOR: '1',
        FORCE_COLOR: undefined,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    const finish = (status: number, note = ''): void =>
      resolve({ status, output: Buffer.concat(chunks).toString() + note });
    child.once('error', (error) => finish(-1, `${tool} cannot be started: ${error.message}\n`));
    child.once('close', (status, signal) =>
      finish(status ?? -1, signal === null ? '' : `${tool} was ended by ${signal}\n`),
    );
  });
}
