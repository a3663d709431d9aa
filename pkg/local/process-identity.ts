import { readFileSync } from 'node:fs';

/** A process that cannot be mistaken for a later one with the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time in clock ticks since boot, from /proc; undefined where the system has none. */
  readonly startTicks: string | undefined;
}

const START_TIME_FIELD = 22;
const FIRST_FIELD_AFTER_NAME = 3;

/** Returns the identity of a running process, or undefined when no such process runs (a zombie does not run). */
export function findProcess(pid: number): ProcessIdentity | undefined {
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!isErrno(error, 'EPERM')) return undefined;
  }
  const fields = readStatFields(pid);
  if (fields === undefined) return { pid, startTicks: undefined };
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return { pid, startTicks: fields[START_TIME_FIELD - FIRST_FIELD_AFTER_NAME] };
}

/** Returns whether exactly this process (not another one under its old pid) still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  const found = findProcess(identity.pid);
  if (found === undefined) return false;
  return identity.startTicks === undefined || found.startTicks === undefined
    ? true
    : identity.startTicks === found.startTicks;
}

/** Returns whether `error` is a system error with that code. */
export function isErrno(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/** The fields of /proc/PID/stat after the command name, which may itself hold spaces and brackets. */
function readStatFields(pid: number): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    // No /proc here, or the process went away between two looks.
    return undefined;
  }
}
