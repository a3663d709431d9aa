import { spawn } from 'node:child_process';

/** Runs a command to its end and returns what it wrote. Rejects, with what it said, when it fails. */
export function runCommand(
  [file = '', ...args]: readonly string[],
  options: {
    readonly environment: Readonly<Record<string, string | undefined>>;
    readonly input?: string | undefined;
  },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: options.environment });
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.once('error', reject);
    child.once('close', (status) => {
      if (status === 0) return resolve(Buffer.concat(stdout).toString());
      reject(new Error(`${file} ${args.join(' ')}: ${Buffer.concat(stderr).toString()}`));
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}
