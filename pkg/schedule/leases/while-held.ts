import type { Lease } from '#pkg/store';
import type { LeaseOptions } from './hold-lease.ts';

/**
 * Returns the part of a lease's options that keeps what `start` returns alive for just as long as the lease is held.
 *
 * `start` gets the lease as it was acquired: what is written under it names its epoch.
 *
 * In order: a quick loss and return never has two of it, and a lease is handed over only after it has ended.
 */
export function whileHeld(
  start: (lease: Lease) => AsyncDisposable,
): Required<Pick<LeaseOptions, 'onAcquired' | 'onLost' | 'settle'>> {
  let running: AsyncDisposable | undefined;
  let tail: Promise<void> = Promise.resolve();
  const then = (act: () => Promise<void> | void): void => {
    // What failed to end or to start must not keep what comes next from it; the failure is its own to tell.
    tail = tail.catch(() => undefined).then(act);
  };
  return {
    onAcquired: (lease) => {
      then(() => {
        running ??= start(lease);
      });
    },
    onLost: () => {
      then(async () => {
        const ending = running;
        running = undefined;
        await ending?.[Symbol.asyncDispose]();
      });
    },
    settle: () => tail,
  };
}
