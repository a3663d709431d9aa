import { backoffDelayMs, toError, type Clock, type Random } from '#pkg/base';
import type { AccountId } from '#pkg/domain';
import type { Logger } from '#pkg/observability';

import type { DeadLetters } from './dead-letters.ts';

export interface FrameIntakeDependencies {
  /** Stores a frame durably; rejecting means that it is not stored. */
  readonly onFrame: (accountId: AccountId, text: string) => Promise<void>;
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
  const { onFrame, deadLetters, clock, random, logger } = dependencies;
  let tail = Promise.resolve();
  let waiting = 0;

  const bury = async (frame: string, error: Error): Promise<void> => {
    try {
      await deadLetters.append({ atMs: clock.nowMs(), accountId, frame, error: error.message });
      logger.error({ err: error, accountId }, 'frame not stored: kept as a dead letter');
    } catch (fileError) {
      logger.error({ err: toError(fileError), accountId, frame }, 'frame neither stored nor kept');
    }
  };
  const store = async (frame: string): Promise<void> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await onFrame(accountId, frame);
      } catch (error) {
        if (attempt >= TRIES_MAX) return bury(frame, toError(error));
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
