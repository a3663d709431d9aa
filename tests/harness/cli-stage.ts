import { createManualClock } from '#pkg/base';
import type { CliContext } from '#pkg/cli';

/** A world in which a command only writes; what it wrote is kept. */
export function createStage(overrides: Partial<CliContext> = {}) {
  const written = { stdout: '', stderr: '' };
  const collect = (name: 'stdout' | 'stderr') => ({
    write: (text: string): boolean => {
      written[name] += text;
      return true;
    },
  });
  const never = new AbortController().signal;
  const context: CliContext = {
    stdout: collect('stdout'),
    stderr: collect('stderr'),
    stdin: process.stdin,
    environment: {},
    workingDirectory: '/nowhere',
    installFolder: new URL('../..', import.meta.url).pathname,
    clock: createManualClock(),
    invokedAs: './kraite',
    startedAtMs: 0,
    interrupt: { requested: never, forced: never },
    ...overrides,
  };
  return { context, written };
}
