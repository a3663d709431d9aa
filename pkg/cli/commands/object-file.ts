import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { toError } from '#pkg/base';
import { formatMistake, parseFleet, type FleetTarget, type KraiteFleet } from '#pkg/fleet-spec';
import { UsageError, writeLine, type CliContext } from '../context.ts';

export interface ObjectFile {
  readonly path: string;
  readonly text: string;
}

/** Reads the KraiteFleet that was named, or the sample. Throws {@link UsageError} when it cannot be read. */
export function readObjectFile(context: CliContext, filename: string | undefined): ObjectFile {
  const path =
    filename === undefined
      ? join(context.installFolder, 'k8s/samples/fleet.yaml')
      : resolve(context.workingDirectory, filename);
  try {
    return { path, text: readFileSync(path, 'utf8') };
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${toError(error).message}; name a file with -f`);
  }
}

/** Returns the fleet of the file; prints every mistake and returns undefined when it has some. */
export function checkObjectFile(
  context: CliContext,
  file: ObjectFile,
  target: FleetTarget = 'local',
): KraiteFleet | undefined {
  const parsed = parseFleet(file.text, { file: file.path, target });
  if (parsed.kind === 'valid') return parsed.fleet;
  for (const mistake of parsed.mistakes) writeLine(context.stderr, formatMistake(mistake));
  const count = parsed.mistakes.length;
  writeLine(
    context.stderr,
    `kraite: ${file.path} has ${count} ${count === 1 ? 'mistake' : 'mistakes'}; nothing was changed`,
  );
  return undefined;
}
