import { runBench } from '#pkg/house';
import type { CliContext } from '../context.ts';

/** `kraite bench NAME [FLAGS]`: the measurement's own exit code; 2 for an unknown name, 3 for want of a program. */
export function runBenchVerb(
  context: CliContext,
  name: string,
  flags: readonly string[],
): Promise<number> {
  return runBench(name, flags, {
    root: context.installFolder,
    environment: context.environment,
    write: (text) => void context.stderr.write(text),
    signal: context.interrupt.requested,
  });
}
