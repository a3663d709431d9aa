import { join } from 'node:path';
import type { ProgramsOptions } from './cache-folder.ts';
import { ProgramError } from './program-error.ts';
import { runCommand } from './run-command.ts';

/** What the newest of our go.mod files asks for. */
export const GO_VERSION = '1.26.8';

/** Returns the command of a Go that is new enough. Throws {@link ProgramError}. */
export async function ensureGo(options: ProgramsOptions): Promise<string> {
  const searched = (options.environment['PATH'] ?? '').split(':').filter((each) => each !== '');
  for (const folder of searched) {
    const command = join(folder, 'go');
    if (await isFittingGo(command, options)) return command;
  }
  throw new ProgramError(`install Go ${GO_VERSION} or newer so that go is on PATH`);
}

async function isFittingGo(command: string, options: ProgramsOptions): Promise<boolean> {
  const environment = { ...options.environment, GOTOOLCHAIN: 'local' };
  const { status, stdout } = await runCommand(command, ['env', 'GOVERSION'], { environment });
  return status === 0 && isNewEnough(stdout.trim());
}

/** Tells whether `go1.26.8` and the like is at least {@link GO_VERSION}. */
export function isNewEnough(version: string): boolean {
  const parts = (text: string): number[] => text.replace(/^go/, '').split('.').map(Number);
  const [wanted, found] = [parts(GO_VERSION), parts(version)];
  for (const [index, least] of wanted.entries()) {
    const have = found[index] ?? 0;
    if (have !== least) return have > least;
  }
  return true;
}
