import { homedir } from 'node:os';
import { join } from 'node:path';

export interface ProgramsOptions {
  /** Variables of the process: PATH, HOME, XDG_CACHE_HOME, KRAITE_CACHE are read. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Told, in whole sentences, what is about to be fetched and what was. */
  readonly report: (line: string) => void;
}

/** Returns the folder in which everything that can be fetched again is kept. */
export function cacheFolder(environment: ProgramsOptions['environment']): string {
  const own = environment['KRAITE_CACHE'];
  if (own !== undefined && own !== '') return own;
  const shared = environment['XDG_CACHE_HOME'];
  return join(shared !== undefined && shared !== '' ? shared : join(homedir(), '.cache'), 'kraite');
}
