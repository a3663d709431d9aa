import { eventually } from '../harness/eventually.ts';

/** Whole processes on a busy machine: long for a failure, quick when all is well. */
const LIMIT_MS = 30_000;

/** Repeats `check` until it holds. */
export function soon(check: () => void | Promise<void>): Promise<void> {
  return eventually(check, { limitMs: LIMIT_MS, everyMs: 50 });
}
