import { backoffDelayMs, toError } from '#pkg/base';
import type { AccountId } from '#pkg/domain';
import { ExchangeRejectedError } from '#pkg/exchange';

import type { UserStreamsDependencies } from './user-streams.ts';

export interface KeyKeeperOptions {
  /** A key lives for an hour after each extension. */
  readonly everyMs: number;
  readonly signal: AbortSignal;
  /** The venue does not know the key any more: another must be minted. */
  readonly onGone: () => void;
}

/** A key lives for an hour, so nothing hurries. */
const BACKOFF = { baseMs: 5_000, capMs: 300_000 };
/** Keys of many accounts are not extended in one moment. */
const JITTER_RATIO = 0.2;

/** Extends the stream key of an account at its pace, and after a failure with back-off, until `signal` aborts. */
export async function keepKey(
  accountId: AccountId,
  { exchange, clock, random, logger }: UserStreamsDependencies,
  { everyMs, signal, onGone }: KeyKeeperOptions,
): Promise<void> {
  for (let failures = 0; !signal.aborted;) {
    const paceMs = everyMs * (1 - JITTER_RATIO * random.next());
    await clock.sleep(failures === 0 ? paceMs : backoffDelayMs(failures, BACKOFF, random), signal);
    if (signal.aborted) return;
    try {
      await exchange.extendUserStream(accountId, signal);
      failures = 0;
    } catch (error) {
      if (error instanceof ExchangeRejectedError) {
        logger.info({ err: error, accountId }, 'stream key is gone: minting another');
        onGone();
        failures = 0;
        continue;
      }
      failures += 1;
      logger.warn({ err: toError(error), accountId, failures }, 'stream key not extended');
    }
  }
}
