import type { Account, AccountChange, AccountId } from '#pkg/domain';
import { StoreConflictError } from '../errors.ts';
import { storedAmountText } from '../rules/amount.ts';
import type { AccountStore } from '../account-store.ts';
import { orderBy } from './order-by.ts';

/** Returns accounts in memory. */
export function createMemoryAccountStore(): AccountStore {
  const accounts = new Map<AccountId, Account>();
  const changes: AccountChange[] = [];
  const findByName = (name: string): Account | undefined =>
    [...accounts.values()].find((account) => account.name === name);
  return {
    save: async (account) => {
      const standing = findByName(account.name);
      if (standing === undefined && accounts.has(account.id)) {
        throw new StoreConflictError({
          fields: { problem: 'another account has this id', accountId: account.id },
        });
      }
      const saved: Account = {
        ...account,
        id: standing?.id ?? account.id,
        createdAtMs: standing?.createdAtMs ?? account.createdAtMs,
        balanceUsdt: standing?.balanceUsdt,
        availableUsdt: standing?.availableUsdt,
        balanceAtMs: standing?.balanceAtMs,
      };
      accounts.set(saved.id, saved);
      return saved;
    },
    find: async (accountId) => accounts.get(accountId),
    findByName: async (name) => findByName(name),
    list: async () => [...accounts.values()].toSorted(orderBy((account) => account.name)),
    saveSettings: async (accountId, settings) => {
      const account = accounts.get(accountId);
      if (account !== undefined) accounts.set(accountId, { ...account, settings });
    },
    change: async ({ after, set, ...change }) => {
      const isTaken = changes.some(
        ({ accountId, number }) => accountId === change.accountId && number > after,
      );
      if (isTaken) return 'conflict';
      changes.push({ ...change, number: after + 1, settings: set.settings });
      const account = accounts.get(change.accountId);
      if (account !== undefined) accounts.set(account.id, { ...account, ...set });
      return 'changed';
    },
    listChanges: async (accountId, limit) =>
      changes
        .filter((change) => change.accountId === accountId)
        .toSorted((a, b) => b.number - a.number)
        .slice(0, limit),
    saveBalance: async (accountId, balance) => {
      const account = accounts.get(accountId);
      if (account === undefined || (account.balanceAtMs ?? 0) > balance.atMs) return;
      accounts.set(accountId, {
        ...account,
        balanceUsdt: storedAmountText(balance.balanceUsdt),
        availableUsdt: storedAmountText(balance.availableUsdt),
        balanceAtMs: balance.atMs,
      });
    },
  };
}
