import { readdirSync, statSync } from 'node:fs';
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import { findNearest } from '#pkg/base';
import type { StatePaths } from '#pkg/local';
import { EXIT_OK, UsageError, writeLine, type CliContext } from '../context.ts';
import type { LogsOptions } from '../verbs/reading-verbs.ts';
import { findStatePaths, typedCommand } from './state.ts';

const FOLLOW_EVERY_MS = 250;

/** `kraite logs [-f] [BOX]`: works on a stopped fleet too, because it reads files. */
export async function runLogs(
  context: CliContext,
  box: string | undefined,
  options: LogsOptions,
): Promise<number> {
  const paths = findStatePaths(context, options.state);
  const names = selectLogs(listLogs(paths), box, () => typedCommand(context, 'up', options.state));
  const prefix = names.length > 1;
  for (const name of names) {
    const text = await readFile(join(paths.logs, `${name}.log`), 'utf8');
    const lines = text
      .split('\n')
      .slice(0, -1)
      .slice(-options.tail || text.length);
    if (options.tail > 0) for (const line of lines) print(context, prefix ? name : undefined, line);
  }
  if (options.follow === true) {
    await Promise.all(names.map((name) => follow(context, paths, prefix, name)));
  }
  return EXIT_OK;
}

function listLogs(paths: StatePaths): readonly string[] {
  try {
    return readdirSync(paths.logs)
      .filter((name) => name.endsWith('.log'))
      .map((name) => name.slice(0, -'.log'.length))
      .toSorted();
  } catch {
    // No folder, no logs: said below.
    return [];
  }
}

function selectLogs(
  names: readonly string[],
  wanted: string | undefined,
  howToStart: () => string,
): readonly string[] {
  if (names.length === 0) {
    throw new UsageError(`there are no logs yet; start a fleet with: ${howToStart()}`);
  }
  if (wanted === undefined) return names;
  const chosen = names.filter((name) => name === wanted || name.startsWith(`${wanted}-`));
  if (chosen.length > 0) return chosen;
  const boxes = names.flatMap((name) => [name, name.split('-')[0] ?? name]);
  const nearest = findNearest(wanted, boxes);
  const hint = nearest === undefined ? '' : ` (did you mean ${nearest}?)`;
  throw new UsageError(
    `no box or process is called ${wanted}${hint}; there are ${names.join(', ')}`,
  );
}

function print(context: CliContext, name: string | undefined, line: string): void {
  writeLine(context.stdout, name === undefined ? line : `[${name}] ${line}`);
}

/** Prints what is appended until Ctrl-C; a file that was turned over is read from its new beginning. */
async function follow(
  context: CliContext,
  paths: StatePaths,
  prefix: boolean,
  name: string,
): Promise<void> {
  const path = join(paths.logs, `${name}.log`);
  let position = statSync(path).size;
  let rest = '';
  while (!context.interrupt.requested.aborted) {
    await using file = await open(path, 'r');
    const { size } = await file.stat();
    if (size < position) position = 0;
    if (size > position) {
      const chunk = await readRange(file, { position, length: size - position });
      position = size;
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) print(context, prefix ? name : undefined, line);
    }
    await context.clock.sleep(FOLLOW_EVERY_MS, context.interrupt.requested);
  }
}

async function readRange(
  file: FileHandle,
  range: { readonly position: number; readonly length: number },
): Promise<string> {
  const buffer = Buffer.alloc(range.length);
  const { bytesRead } = await file.read(buffer, 0, range.length, range.position);
  return buffer.toString('utf8', 0, bytesRead);
}
