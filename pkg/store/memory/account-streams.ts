import type { AccountStreamRow, AccountStreamStore } from '../stream-rows.ts';
import { orderBy } from './order-by.ts';

/** Returns states of the accounts' streams in memory. */
export function createMemoryAccountStreamStore(): AccountStreamStore {
  const states = new Map<string, AccountStreamRow>();
  return {
    save: async (row) => {
      const standing = states.get(row.accountId);
      if (standing === undefined || standing.epoch <= row.epoch) states.set(row.accountId, row);
    },
    find: async (accountId) => states.get(accountId),
    list: async () => [...states.values()].toSorted(orderBy((row) => row.accountId)),
  };
}
