import { runExercise, type ExerciseKind } from '#pkg/house';
import type { CliContext } from '../context.ts';

/** `kraite bench|soak NAME [FLAGS]`: its own exit code; 2 for an unknown name, 3 for want of a program. */
export function runExerciseVerb(
  context: CliContext,
  kind: ExerciseKind,
  { name, flags }: { readonly name: string; readonly flags: readonly string[] },
): Promise<number> {
  return runExercise(kind, name, flags, {
    root: context.installFolder,
    environment: context.environment,
    write: (text) => void context.stderr.write(text),
    signal: context.interrupt.requested,
  });
}
