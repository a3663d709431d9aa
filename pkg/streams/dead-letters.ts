import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';

import type { AccountId } from '#pkg/domain';

/** A frame that could not be stored, kept for a later drain. */
export interface DeadLetter {
  readonly atMs: number;
  readonly accountId: AccountId;
  readonly frame: string;
  readonly error: string;
}

/** Where frames go that nobody could store: one JSON object in each line. */
export interface DeadLetters {
  /** Resolves when the line is on disk. */
  append(letter: DeadLetter): Promise<void>;
}

/** Returns the file as dead letters; it and its folder are made when the first one comes. */
export function createDeadLetterFile(path: string): DeadLetters {
  return {
    append: async (letter) => {
      await mkdir(dirname(path), { recursive: true });
      const file = await open(path, 'a', 0o600);
      try {
        await file.appendFile(`${JSON.stringify(letter)}\n`);
        await file.datasync();
      } finally {
        await file.close();
      }
    },
  };
}
