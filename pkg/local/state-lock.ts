import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

import { LocalError } from './errors.ts';
import { findProcess, isErrno, isRunning, type ProcessIdentity } from './process-identity.ts';

/** Held by one `up` at a time; survives nothing: a lock of a process that is gone counts as free. */
export interface StateLock {
  release(): void;
}

const TRIES_MAX = 5;

/**
 * Takes the lock file at `path` for this process.
 *
 * A lock whose process is gone (also after kill -9 or a reboot) is taken over. Throws
 * {@link LocalError} STATE_LOCKED, naming the pid, when another process holds it.
 */
export function takeStateLock(path: string, options: { readonly howToStop: string }): StateLock {
  const mine = JSON.stringify(findProcess(process.pid) ?? { pid: process.pid });
  for (let attempt = 0; attempt < TRIES_MAX; attempt += 1) {
    try {
      writeFileSync(path, mine, { flag: 'wx', mode: 0o600 });
      return { release: () => releaseLock(path, mine) };
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error;
    }
    const holder = findLockHolder(path);
    if (holder !== undefined) throw lockedError(holder.pid, options.howToStop);
    removeStaleLock(path);
  }
  throw new LocalError('STATE_LOCKED', `the lock ${path} keeps changing hands; try again`);
}

/** Returns the running process that holds the lock, or undefined when it is free. */
export function findLockHolder(path: string): ProcessIdentity | undefined {
  const holder = readHolder(path);
  return holder !== undefined && isRunning(holder) ? holder : undefined;
}

function lockedError(pid: number, howToStop: string): LocalError {
  return new LocalError(
    'STATE_LOCKED',
    `this state folder is in use by a running fleet (pid ${pid}); stop it with: ${howToStop}`,
  );
}

function readHolder(path: string): ProcessIdentity | undefined {
  try {
    const value = JSON.parse(readFileSync(path, 'utf8')) as Partial<ProcessIdentity> | null;
    return typeof value?.pid === 'number'
      ? { pid: value.pid, startTicks: value.startTicks }
      : undefined;
  } catch {
    // Absent or half written: nobody who runs holds it.
    return undefined;
  }
}

/** Moves the lock aside, and puts it back when it turns out to be a new one that came in between. */
function removeStaleLock(path: string): void {
  const aside = `${path}.${process.pid}.stale`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return;
    throw error;
  }
  const moved = readHolder(aside);
  if (moved !== undefined && isRunning(moved)) {
    try {
      linkSync(aside, path);
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error;
    }
  }
  rmSync(aside, { force: true });
}

function releaseLock(path: string, mine: string): void {
  try {
    if (readFileSync(path, 'utf8') === mine) rmSync(path);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
  }
}
