import { describe, expect, test } from 'vitest';

import { DEFAULT_ACCOUNT_SETTINGS, id, type Account } from '#pkg/domain';
import { StoreConflictError } from '#pkg/store';
import type { StoreUnderTest } from '../store.ts';
import { fresh } from './rows.ts';

type NewAccount = Omit<Account, 'balanceUsdt' | 'availableUsdt' | 'balanceAtMs'>;

function newAccount(changes: Partial<NewAccount> = {}): NewAccount {
  return {
    id: id(fresh('account')),
    name: fresh('Ölkonto 📈'),
    venue: 'binance',
    apiKey: 'key',
    sealedSecret: 'v1:sealed',
    isTradingOn: true,
    settings: DEFAULT_ACCOUNT_SETTINGS,
    createdAtMs: 5_000,
    ...changes,
  };
}

export function describeAccounts(subject: () => StoreUnderTest): void {
  describe('accounts', () => {
    test('a saved account is found by id and by name, without a balance', async () => {
      const { accounts } = subject().store;
      const account = newAccount();
      const whole = {
        ...account,
        balanceUsdt: undefined,
        availableUsdt: undefined,
        balanceAtMs: undefined,
      };

      expect(await accounts.save(account)).toEqual(whole);
      expect(await accounts.find(account.id)).toEqual(whole);
      expect(await accounts.findByName(account.name)).toEqual(whole);
      expect(await accounts.list()).toContainEqual(whole);
      expect(await accounts.find(id(fresh('account')))).toBeUndefined();
    });

    test('saving under a name that exists keeps id, age and balance and replaces the rest', async () => {
      const { accounts } = subject().store;
      const first = newAccount();
      await accounts.save(first);
      await accounts.saveBalance(first.id, {
        balanceUsdt: '10000.50',
        availableUsdt: '9000',
        atMs: 7,
      });
      const second = newAccount({ name: first.name, apiKey: 'rotated', isTradingOn: false });

      expect(await accounts.save(second)).toEqual({
        ...second,
        id: first.id,
        createdAtMs: first.createdAtMs,
        balanceUsdt: '10000.5',
        availableUsdt: '9000',
        balanceAtMs: 7,
      });
      expect(await accounts.find(second.id)).toBeUndefined();
    });

    test('an id that another name has is a conflict', async () => {
      const { accounts } = subject().store;
      const first = newAccount();
      await accounts.save(first);

      await expect(accounts.save(newAccount({ id: first.id }))).rejects.toThrow(StoreConflictError);
      expect((await accounts.find(first.id))?.name).toBe(first.name);
    });

    test('an older balance never replaces a newer one', async () => {
      const { accounts } = subject().store;
      const account = await accounts.save(newAccount());
      await accounts.saveBalance(account.id, { balanceUsdt: '2', availableUsdt: '2', atMs: 20 });
      await accounts.saveBalance(account.id, { balanceUsdt: '1', availableUsdt: '1', atMs: 10 });

      expect(await accounts.find(account.id)).toMatchObject({ balanceUsdt: '2', balanceAtMs: 20 });
    });

    test('settings are replaced as a whole', async () => {
      const { accounts } = subject().store;
      const account = await accounts.save(newAccount());
      const settings = { ...DEFAULT_ACCOUNT_SETTINGS, multipliers: [2, 3], profitPercent: 0.5 };
      await accounts.saveSettings(account.id, settings);

      expect((await accounts.find(account.id))?.settings).toEqual(settings);
    });

    test('a change is kept with who, when and why, and the row follows it', async () => {
      const { accounts } = subject().store;
      const account = await accounts.save(newAccount());
      const settings = { ...account.settings, version: 1 };
      const first = {
        accountId: account.id,
        kind: 'settings',
        who: 'ann',
        why: 'Märkte 📈',
        atMs: 7,
      } as const;
      expect(await accounts.listChanges(account.id, 10)).toEqual([]);
      expect(await accounts.change({ ...first, after: 0, set: { settings } })).toBe('changed');
      const off = { ...first, kind: 'switched-off', atMs: 8 } as const;
      expect(await accounts.change({ ...off, after: 1, set: { isTradingOn: false } })).toBe(
        'changed',
      );

      expect(await accounts.find(account.id)).toMatchObject({ settings, isTradingOn: false });
      expect(await accounts.listChanges(account.id, 10)).toEqual([
        { ...off, number: 2, settings: undefined },
        { ...first, number: 1, settings },
      ]);
      expect(await accounts.listChanges(account.id, 1)).toHaveLength(1);
    });

    test('of several who change an account at once one does, and the others change nothing', async () => {
      const { accounts } = subject().store;
      const account = await accounts.save(newAccount());
      const outcomes = await Promise.all(
        ['a', 'b', 'c', 'd'].map((who) =>
          accounts.change({
            accountId: account.id,
            kind: 'rotated',
            who,
            why: 'race',
            atMs: 1,
            after: 0,
            set: { apiKey: who },
          }),
        ),
      );
      expect(outcomes.toSorted()).toEqual(['changed', 'conflict', 'conflict', 'conflict']);
      const [change] = await accounts.listChanges(account.id, 5);
      expect((await accounts.find(account.id))?.apiKey).toBe(change?.who);
    });
  });

  test('the identity of a database stays the same', async () => {
    const { store } = subject();
    expect(await store.readIdentity()).toBe(await store.readIdentity());
    expect(await store.readIdentity()).not.toBe('');
  });
}
