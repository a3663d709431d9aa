import { backoffDelayMs, toError, type Clock, type Random } from '#pkg/base';
import type { AccountId } from '#pkg/domain';
import type { Logger } from '#pkg/observability';

import type { DeadLetters } from './dead-letters.ts';

/** What became of a frame that was handed on to be stored. */
export type FrameFate =
  | 'stored'
  /** Kept as it is, but nobody can say what it tells: as good as missed. */
  | 'unreadable';

export interface FrameIntakeDependencies {
  /** Stores a frame durably; rejecting means that it is not stored. */
  readonly onFrame: (accountId: AccountId, text: string) => Promise<FrameFate>;
  /** A frame came to nothing: what it told must be read by REST. */
  readonly onLost: () => void;
  /** A frame went to the dead letters. */
  readonly onBuried: () => void;
  readonly deadLetters: DeadLetters;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** The frames of one account, handed on one by one in the order in which they came. */
export interface FrameIntake {
  push(text: string): void;
  /** Resolves when everything pushed so far is stored or dead-lettered. */
  drained(): Promise<void>;
}

const TRIES_MAX = 4;
const BACKOFF = { baseMs: 100, capMs: 2_000 };
const WAITING_MAX = 10_000;

/** Returns an intake: a frame that cannot be stored after some tries goes to the dead letters, and the rest on. */
export function createFrameIntake(
  accountId: AccountId,
  dependencies: FrameIntakeDependencies,
): FrameIntake {
  const { onFrame, onLost, onBuried, deadLetters, clock, random, logger } = dependencies;
  let tail = Promise.resolve();
  let waiting = 0;

  const bury = async (frame: string, error: Error): Promise<void> => {
    try {
      await deadLetters.append({ atMs: clock.nowMs(), accountId, frame, error: error.message });
      logger.error({ err: error, accountId }, 'frame not stored: kept as a dead letter');
      onBuried();
    } catch (fileError) {
      logger.error({ err: toError(fileError), accountId, frame }, 'frame neither stored nor kept');
      onLost();
    }
  };
  const store = async (frame: string): Promise<void> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        if ((await onFrame(accountId, frame)) === 'unreadable') onLost();
        return;
      } catch (error) {
        // While others of the account wait, the store is away: one look is enough, or a burst would wait for minutes.
        const triesMax = deadLetters.waiting().has(accountId) ? 1 : TRIES_MAX;
        if (attempt >= triesMax) return bury(frame, toError(error));
        await clock.sleep(backoffDelayMs(attempt, BACKOFF, random));
      }
    }
  };
  return {
    push: (frame) => {
      const isFull = waiting >= WAITING_MAX;
      waiting += 1;
      const work = isFull
        ? () => bury(frame, new Error('too many frames wait to be stored'))
        : () => store(frame);
      tail = tail.then(work).finally(() => {
        waiting -= 1;
      });
    },
    drained: () => tail,
  };
}
