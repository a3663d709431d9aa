import type { Reason } from '#pkg/base';
import type { AccountId } from '#pkg/domain';

import type { Lease } from './lease-store.ts';
import type { AccountStreamRow } from './stream-rows.ts';

/** Name of the lease under which one process listens for every account. */
export const USER_STREAM_LEASE = 'user-stream';

export interface AccountStreamState {
  readonly accountId: AccountId;
  /** Why events may be missing; undefined while they are complete. */
  readonly reason: Reason | undefined;
  readonly deadLetters: number;
}

/**
 * Returns what may be believed of each account's stream.
 *
 * A row outlives the process that wrote it: it counts only while that process still holds the lease.
 */
export function believedStates(
  accounts: readonly AccountId[],
  rows: readonly AccountStreamRow[],
  lease: Lease | undefined,
): readonly AccountStreamState[] {
  const byAccount = new Map(rows.map((row) => [row.accountId, row]));
  const heldEpoch = lease !== undefined && lease.remainingMs > 0 ? lease.epoch : undefined;
  return accounts.map((accountId) => {
    const row = byAccount.get(accountId);
    const deadLetters = row?.deadLetters ?? 0;
    const isCurrent = row !== undefined && row.epoch === heldEpoch;
    return { accountId, reason: isCurrent ? row.reason : 'StreamConnecting', deadLetters };
  });
}
