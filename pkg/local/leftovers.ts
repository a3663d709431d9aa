import type { Clock } from '#pkg/base';
import { findJson, replaceJson } from './json-file.ts';
import { findProcess, isErrno, isRunning, type ProcessIdentity } from './process-identity.ts';

/** Remembers the processes of a run on disk, so that the next run can end what a crash left behind. */
export class ChildrenRecord {
  readonly #path: string;
  #children: readonly ProcessIdentity[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  add(pid: number): void {
    const identity = findProcess(pid);
    if (identity === undefined) return;
    this.#children = [...this.#children.filter(isRunning), identity];
    replaceJson(this.#path, this.#children);
  }
}

const GRACE_MS = 8_000;
const LOOK_EVERY_MS = 50;

/**
 * Waits until the processes of an earlier run are gone, and ends those that do not go.
 *
 * They notice by themselves that their supervisor is gone, so this is mostly a short wait; the database needs it, because
 * two servers must never share a data folder. Returns how many had to be ended.
 */
export async function endLeftovers(path: string, clock: Clock): Promise<number> {
  const found = findJson(path);
  const children = Array.isArray(found) ? (found as readonly ProcessIdentity[]) : [];
  const untilMs = clock.monotonicMs() + GRACE_MS;
  let left = children.filter(isRunning);
  while (left.length > 0 && clock.monotonicMs() < untilMs) {
    await clock.sleep(LOOK_EVERY_MS);
    left = left.filter(isRunning);
  }
  for (const { pid } of left) endNow(pid);
  const ended = left.length;
  while (left.length > 0) {
    await clock.sleep(LOOK_EVERY_MS);
    left = left.filter(isRunning);
  }
  return ended;
}

function endNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!isErrno(error, 'ESRCH')) throw error;
  }
}
