import type { Clock } from '#pkg/base';
import { whenAborted } from './ending.ts';

/** Longest wait for anything once the process was asked to end. */
export const STOP_MS_MAX = 10_000;

/**
 * Returns what `starting` returns, or undefined when the process was asked to end and it did not finish in time, or failed.
 *
 * A start waits for servers as long as that takes, and some of what it waits for knows of no end: without a limit a process
 * whose database is gone would outlive its launcher, or its pod's whole grace.
 */
export async function untilEnded<T>(
  starting: Promise<T>,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<T | undefined> {
  const over = new AbortController();
  const givenUp = whenAborted(AbortSignal.any([signal, over.signal])).then(async () => {
    await clock.sleep(STOP_MS_MAX, over.signal);
    return undefined;
  });
  try {
    return await Promise.race([starting, givenUp]);
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  } finally {
    over.abort();
  }
}
