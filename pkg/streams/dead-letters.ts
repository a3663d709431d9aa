import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

import { Type } from 'typebox';
import { Compile } from 'typebox/compile';

import { toError } from '#pkg/base';
import { id, type AccountId } from '#pkg/domain';
import type { Logger } from '#pkg/observability';

/** A frame that could not be stored, kept for a later drain. */
export interface DeadLetter {
  readonly atMs: number;
  readonly accountId: AccountId;
  readonly frame: string;
  readonly error: string;
}

/** Where frames go that nobody could store. */
export interface DeadLetters {
  /** Resolves when the letter is on disk. */
  append(letter: DeadLetter): Promise<void>;
  /** How many wait for each account, as far as the file was read by now. */
  waiting(): ReadonlyMap<AccountId, number>;
  /** Offers every letter to `store`, oldest first, and keeps those it rejects. Stops when the store seems away. */
  drain(store: (letter: DeadLetter) => Promise<void>): Promise<void>;
}

/** After so many rejections in a row the rest would be rejected too. */
const REJECTIONS_MAX = 3;

const letterShape = Compile(
  Type.Object({
    atMs: Type.Number(),
    accountId: Type.String(),
    frame: Type.String(),
    error: Type.String(),
  }),
);

/**
 * Returns the file as dead letters: one JSON object in each line, made when the first one comes. What an earlier process
 * left is found by the first drain. A line that a crash tore is dropped and logged: its frame was never told to be kept,
 * and the connection after the crash has the account reconciled.
 */
export function createDeadLetterFile(
  path: string,
  { logger }: { readonly logger: Logger },
): DeadLetters {
  const counts = new Map<AccountId, number>();
  let tail: Promise<unknown> = Promise.resolve();
  /** One at a time: a drain replaces the file. */
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const turn = tail.then(act);
    tail = turn.catch(() => undefined);
    return turn;
  };
  const recount = (letters: readonly DeadLetter[]): void => {
    counts.clear();
    for (const { accountId } of letters) counts.set(accountId, (counts.get(accountId) ?? 0) + 1);
  };
  const drain = async (store: (letter: DeadLetter) => Promise<void>): Promise<void> => {
    const letters = await readLetters(path, logger);
    recount(letters);
    const kept: DeadLetter[] = [];
    let rejections = 0;
    for (const letter of letters) {
      if (rejections >= REJECTIONS_MAX) {
        kept.push(letter);
        continue;
      }
      try {
        await store(letter);
        rejections = 0;
      } catch (error) {
        rejections += 1;
        logger.debug({ err: toError(error), accountId: letter.accountId }, 'dead letter stays');
        kept.push(letter);
      }
    }
    if (kept.length === letters.length) return;
    await replaceLetters(path, kept);
    recount(kept);
  };
  return {
    append: (letter) =>
      inTurn(async () => {
        await mkdir(dirname(path), { recursive: true });
        await writeDurably(path, 'a', lineOf(letter));
        counts.set(letter.accountId, (counts.get(letter.accountId) ?? 0) + 1);
      }),
    waiting: () => counts,
    drain: (store) => inTurn(() => drain(store)),
  };
}

function lineOf(letter: DeadLetter): string {
  return `${JSON.stringify(letter)}\n`;
}

async function readLetters(path: string, logger: Logger): Promise<readonly DeadLetter[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return text.split('\n').flatMap((line) => {
    if (line === '') return [];
    const letter = decodeLetter(line);
    if (letter === undefined) logger.error({ line }, 'torn dead letter dropped');
    return letter === undefined ? [] : [letter];
  });
}

/** Returns the letter of a line, or undefined when it is none. */
export function decodeLetter(line: string): DeadLetter | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!letterShape.Check(value)) return undefined;
  const { atMs, accountId, frame, error } = value;
  return { atMs, accountId: id(accountId), frame, error };
}

/** The file is never seen half written. */
async function replaceLetters(path: string, letters: readonly DeadLetter[]): Promise<void> {
  if (letters.length === 0) return rm(path, { force: true });
  const next = `${path}.next`;
  await writeDurably(next, 'w', letters.map(lineOf).join(''));
  await rename(next, path);
}

async function writeDurably(path: string, flags: 'a' | 'w', text: string): Promise<void> {
  const file = await open(path, flags, 0o600);
  try {
    await file.appendFile(text);
    await file.datasync();
  } finally {
    await file.close();
  }
}
