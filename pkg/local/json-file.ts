import { readFileSync, renameSync, writeFileSync } from 'node:fs';

import { isErrno } from './process-identity.ts';

const OWNER_ONLY = 0o600;

/** Replaces a file as a whole: readers see the old content or the new one. Readable by the owner only. */
export function replaceFile(path: string, content: string): void {
  const temporary = `${path}.${process.pid}.new`;
  writeFileSync(temporary, content, { mode: OWNER_ONLY });
  renameSync(temporary, path);
}

/** Writes `value` as JSON, replacing the file as a whole. */
export function replaceJson(path: string, value: unknown): void {
  replaceFile(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** Returns the file's text, or undefined when there is no such file. */
export function findText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

/** Returns the parsed file, or undefined when it is absent or no whole JSON value. */
export function findJson(path: string): unknown {
  const text = findText(path);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // A half-written file from a machine that lost power counts as absent.
    return undefined;
  }
}
