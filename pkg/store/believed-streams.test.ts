import { expect, test } from 'vitest';

import { id, type AccountId } from '#pkg/domain';
import { believedStates } from './believed-streams.ts';

const ACCOUNT = id<AccountId>('main');
const row = { accountId: ACCOUNT, epoch: 4, reason: undefined, sinceMs: 1, deadLetters: 0 };
const lease = { name: 'user-stream', holder: 'athena', epoch: 4, remainingMs: 3_000 };

test('a state counts while the process that wrote it still holds the lease, and not a moment longer', () => {
  const reasonOf = (rows: readonly (typeof row)[], held: typeof lease | undefined) =>
    believedStates([ACCOUNT], rows, held)[0]?.reason;
  expect(reasonOf([row], lease)).toBeUndefined();
  expect(reasonOf([row], { ...lease, remainingMs: 0 })).toBe('StreamConnecting');
  expect(reasonOf([row], { ...lease, epoch: 5 })).toBe('StreamConnecting');
  expect(reasonOf([row], undefined)).toBe('StreamConnecting');
  expect(reasonOf([], lease)).toBe('StreamConnecting');
});
