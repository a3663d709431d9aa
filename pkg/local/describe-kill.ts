import type { ProcessStatus } from './status.ts';

/** Returns what is told of a box whose processes, or only those of one kind, were killed. */
export function describeKill(
  box: string,
  only: string | undefined,
  processes: readonly ProcessStatus[],
): string {
  const names = processes.filter((process) => process.box === box).map(({ name }) => name);
  const what = only === undefined ? box : `${only} on ${box}`;
  return `${what} is killed: ${names.join(', ')}`;
}
