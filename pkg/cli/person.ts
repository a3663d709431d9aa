import type { CliContext } from './context.ts';

/** Who types: stands beside what they changed. */
export function personOf({ environment }: Pick<CliContext, 'environment'>): string {
  return environment['USER'] ?? environment['LOGNAME'] ?? 'unknown';
}
