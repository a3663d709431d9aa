import { backoffDelayMs, toError } from '#pkg/base';
import type { AccountId } from '#pkg/domain';

import type { CompletenessWatch } from './completeness-watch.ts';
import type { UserStreamsDependencies } from './user-streams.ts';

const RECONCILE_BACKOFF = { baseMs: 500, capMs: 30_000 };
/** Lost frames come in bursts: one reading answers all of such a time. */
const LOSS_PAUSE_MS = 1_000;

export interface GapCloser {
  /** Frames were missed, because a connection ended or because some were lost. */
  open(why?: { readonly isLoss: boolean }): void;
}

/** Returns what has the account reconciled, again and again until it is, or until a newer gap takes over. */
export function createGapCloser(
  accountId: AccountId,
  { onGap, clock, random, logger }: UserStreamsDependencies,
  signal: AbortSignal,
  watch: CompletenessWatch,
): GapCloser {
  let newest = new AbortController();
  let isGathering = false;
  const close = async (gapId: string, current: AbortSignal): Promise<void> => {
    for (let attempt = 1; !current.aborted; attempt += 1) {
      try {
        await onGap(accountId, `${gapId}-${attempt}`, current);
        if (!current.aborted) watch.learn({ isReconciled: true });
        return;
      } catch (error) {
        if (current.aborted) return;
        logger.warn({ err: toError(error), accountId, attempt }, 'gap not reconciled yet');
        await clock.sleep(backoffDelayMs(attempt, RECONCILE_BACKOFF, random), current);
      }
    }
  };
  const begin = (): void => {
    isGathering = false;
    newest.abort();
    newest = new AbortController();
    void close(String(clock.nowMs()), AbortSignal.any([newest.signal, signal]));
  };
  return {
    open: ({ isLoss } = { isLoss: false }) => {
      watch.learn({ isReconciled: false });
      if (!isLoss) return begin();
      if (isGathering) return;
      isGathering = true;
      clock.schedule(LOSS_PAUSE_MS, begin);
    },
  };
}
