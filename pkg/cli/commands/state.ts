import { resolve } from 'node:path';

import {
  defaultStateRoot,
  findRuntimeRecord,
  LocalError,
  statePaths,
  type RuntimeRecord,
  type StatePaths,
} from '#pkg/local';
import type { CliContext } from '../context.ts';

/** Returns the state folder that the person means. */
export function findStatePaths(context: CliContext, state: string | undefined): StatePaths {
  return statePaths(
    state === undefined
      ? defaultStateRoot(context.workingDirectory)
      : resolve(context.workingDirectory, state),
  );
}

/** Returns the way to the running fleet. Throws {@link LocalError} FLEET_DOWN, saying how to start it. */
export function requireRuntime(context: CliContext, state: string | undefined): RuntimeRecord {
  const paths = findStatePaths(context, state);
  const runtime = findRuntimeRecord(paths);
  if (runtime !== undefined) return runtime;
  throw new LocalError(
    'FLEET_DOWN',
    `no fleet runs on ${paths.root}; start it with: ${typedCommand(context, 'up', state)}`,
  );
}

/** Returns a command in the form that the person typed. */
export function typedCommand(context: CliContext, verb: string, state: string | undefined): string {
  const option = state === undefined ? '' : ` --state ${state}`;
  return `${context.invokedAs} ${verb}${option}`;
}
