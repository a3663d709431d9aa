import type { AccountId } from '#pkg/domain';

import { nextCompleteness, type Completeness } from './completeness.ts';
import type { DeadLetters } from './dead-letters.ts';
import { createNewestWriter } from './newest-writer.ts';
import type { UserStreamsDependencies } from './user-streams.ts';

/** What is known of one account's stream, and what follows from it. */
export interface CompletenessWatch {
  readonly current: () => Completeness;
  readonly learn: (facts: {
    readonly isConnected?: boolean;
    readonly isReconciled?: boolean;
  }) => void;
  readonly recount: () => void;
  readonly stop: () => Promise<void>;
}

/** Follows the facts of one account and has each change of the answer told, the newest one until it is. */
export function watchCompleteness(
  accountId: AccountId,
  dependencies: UserStreamsDependencies & { readonly deadLetters: DeadLetters },
): CompletenessWatch {
  const { clock, logger, deadLetters, onCompleteness } = dependencies;
  const writer = createNewestWriter<Completeness>({
    ...dependencies,
    write: (state) => onCompleteness(accountId, state, deadLetters.waiting().get(accountId) ?? 0),
    onError: (error) => logger.warn({ err: error, accountId }, 'state of the stream not told yet'),
  });
  let facts = { isConnected: false, isReconciled: false };
  let state: Completeness = {
    isComplete: false,
    sinceMs: clock.nowMs(),
    reason: 'StreamConnecting',
  };
  let toldLetters = 0;
  writer.push(state);
  const judge = (): void => {
    const letters = deadLetters.waiting().get(accountId) ?? 0;
    const next = nextCompleteness(state, { ...facts, deadLetters: letters }, clock.nowMs());
    if (next === state && letters === toldLetters) return;
    state = next;
    toldLetters = letters;
    writer.push(state);
  };
  return {
    current: () => state,
    learn: (learnt) => {
      facts = { ...facts, ...learnt };
      judge();
    },
    recount: judge,
    stop: async () => {
      writer.stop();
      await writer.settled();
    },
  };
}
