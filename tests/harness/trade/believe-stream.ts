import { required } from '#pkg/base';
import type { Account } from '#pkg/domain';
import { USER_STREAM_LEASE, type Store } from '#pkg/store';

/** A user stream listens for the account and has missed nothing; nobody takes the lease over while a test lasts. */
export async function believeStream(store: Store, { id: accountId }: Account): Promise<void> {
  const lease = await store.leases.acquire(USER_STREAM_LEASE, 'bench', 1e12);
  const epoch = required(lease, 'Nobody else asks for it.').epoch;
  const row = { accountId, epoch, reason: undefined, sinceMs: 0, deadLetters: 0 };
  await store.accountStreams.save(row);
}
