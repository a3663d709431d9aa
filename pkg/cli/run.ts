import { CommanderError } from 'commander';

import { FleetError, toError } from '#pkg/base';
import {
  EXIT_FAILED,
  EXIT_OK,
  EXIT_WRONG_USE,
  UsageError,
  writeLine,
  type CliContext,
} from './context.ts';
import { createProgram, exitCodeOf } from './program.ts';
import type { VerbResult } from './verb-options.ts';

/** Runs one command line and returns its exit code: 0, 1 (it failed) or 2 (wrong use). Never throws. */
export async function runKraite(argv: readonly string[], context: CliContext): Promise<number> {
  const result: VerbResult = { exitCode: EXIT_OK };
  try {
    const program = createProgram(context, result);
    if (argv.length === 0) {
      program.outputHelp({ error: true });
      return EXIT_WRONG_USE;
    }
    await program.parseAsync(argv, { from: 'user' });
    return result.exitCode;
  } catch (error) {
    return await explain(error, context);
  }
}

async function explain(error: unknown, context: CliContext): Promise<number> {
  // Commander has already written its own sentence.
  if (error instanceof CommanderError) return exitCodeOf(error);
  writeLine(context.stderr, `kraite: ${await sentenceOf(toError(error))}`);
  if (error instanceof UsageError) return EXIT_WRONG_USE;
  if (isWrongUse(error)) return EXIT_WRONG_USE;
  if (context.environment['KRAITE_DEBUG'] !== undefined) {
    writeLine(context.stderr, String(toError(error).stack));
  }
  return EXIT_FAILED;
}

/** The store's own words where it is the store's error: its module is loaded then. */
async function sentenceOf(error: Error): Promise<string> {
  if (!(error instanceof FleetError) || error.code !== 'STORE_UNAVAILABLE') return error.message;
  const { describeStoreError } = await import('#pkg/store');
  return describeStoreError(error);
}

/** Told by a field, so that the errors' module is not loaded for a verb that does not need it. */
function isWrongUse(error: unknown): boolean {
  return error instanceof FleetError && 'exit' in error && error.exit === 'wrong-use';
}
