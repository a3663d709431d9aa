import { runTests } from '#pkg/house';
import type { CliContext } from '../context.ts';

/** `kraite test [PARTS]`: 0, 1, 2 for an unknown part, 3 when something was left unrun. */
export function runTest(context: CliContext, parts: readonly string[]): Promise<number> {
  return runTests(parts, {
    root: context.installFolder,
    environment: context.environment,
    clock: context.clock,
    write: (text) => void context.stdout.write(text),
  });
}
