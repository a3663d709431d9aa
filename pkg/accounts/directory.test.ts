import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';

import { createIdMaker, createManualClock, createSeededRandom } from '#pkg/base';
import { DEFAULT_ACCOUNT_SETTINGS, id } from '#pkg/domain';
import { createMemoryStore, StoreUnavailableError, type AccountStore } from '#pkg/store';
import { createAccountDirectory } from './directory.ts';
import { ensureAccount } from './ensure-account.ts';
import { AccountSettingsError, UnknownAccountError } from './errors.ts';
import type { SecretKey } from './secret-key.ts';

const AWAY_MS_MAX = 120_000;

function createWorld() {
  const clock = createManualClock();
  const { accounts, settings } = createMemoryStore({ clock });
  const key = randomBytes(32) as SecretKey;
  const makeId = createIdMaker(clock, createSeededRandom(1));
  const dependencies = { accounts, settings, key, clock, makeId };
  return { ...dependencies, dependencies, directory: createAccountDirectory(dependencies) };
}

const wanted = { name: 'main', apiKey: 'the-key', apiSecret: 'the-secret' };

describe('registering an account', () => {
  test('a new account is stored sealed and trades with the default settings', async () => {
    const { dependencies, accounts, directory } = createWorld();
    const account = await ensureAccount(dependencies, wanted);

    expect(account).toMatchObject({ isTradingOn: true, settings: DEFAULT_ACCOUNT_SETTINGS });
    expect(inspect(await accounts.list(), { depth: 10 })).not.toContain('the-secret');
    expect(await directory.credentialsOf(account.id, AWAY_MS_MAX)).toEqual({
      apiKey: 'the-key',
      apiSecret: 'the-secret',
    });
  });

  test('repeating changes nothing, not even what the trader has set since', async () => {
    const { dependencies, accounts } = createWorld();
    const first = await ensureAccount(dependencies, wanted);
    const settings = { ...DEFAULT_ACCOUNT_SETTINGS, profitPercent: 0.5 };
    await accounts.saveSettings(first.id, settings);

    const second = await ensureAccount(dependencies, wanted);
    expect(second).toEqual({ ...first, settings });
  });

  test('new credentials replace the old ones under the same id', async () => {
    const { dependencies, directory } = createWorld();
    const first = await ensureAccount(dependencies, wanted);
    const second = await ensureAccount(dependencies, { ...wanted, apiSecret: 'rotated' });

    expect(second.id).toBe(first.id);
    expect(await directory.credentialsOf(first.id, AWAY_MS_MAX)).toMatchObject({
      apiSecret: 'rotated',
    });
  });

  test('registered from two sides at once, the account still opens', async () => {
    const { dependencies, accounts, directory } = createWorld();
    await Promise.all([ensureAccount(dependencies, wanted), ensureAccount(dependencies, wanted)]);

    const rows = await accounts.list();
    expect(rows).toHaveLength(1);
    for (const row of rows) {
      expect(await directory.credentialsOf(row.id, AWAY_MS_MAX)).toMatchObject({
        apiSecret: 'the-secret',
      });
    }
  });

  test('settings out of range are refused and nothing is stored', async () => {
    const { dependencies, accounts } = createWorld();
    const settings = { ...DEFAULT_ACCOUNT_SETTINGS, stopPercent: 0 };

    await expect(ensureAccount(dependencies, { ...wanted, settings })).rejects.toThrow(
      AccountSettingsError,
    );
    expect(await accounts.list()).toEqual([]);
  });
});

describe('the account directory', () => {
  test('a rotated secret is used after ten seconds at the latest', async () => {
    const { dependencies, clock, directory } = createWorld();
    const account = await ensureAccount(dependencies, wanted);
    await directory.credentialsOf(account.id, AWAY_MS_MAX);
    await ensureAccount(dependencies, { ...wanted, apiSecret: 'rotated' });

    expect(await directory.credentialsOf(account.id, AWAY_MS_MAX)).toMatchObject({
      apiSecret: 'the-secret',
    });
    clock.advance(10_000);
    expect(await directory.credentialsOf(account.id, AWAY_MS_MAX)).toMatchObject({
      apiSecret: 'rotated',
    });
  });

  test('what was read last signs for two minutes while the database is away', async () => {
    const { dependencies, accounts, clock } = createWorld();
    const account = await ensureAccount(dependencies, wanted);
    let answer: 'rows' | 'error' | 'silence' = 'rows';
    const flaky: AccountStore = {
      ...accounts,
      find: (accountId) => {
        if (answer === 'error') return Promise.reject(new StoreUnavailableError({}));
        return answer === 'rows' ? accounts.find(accountId) : new Promise(() => undefined);
      },
    };
    const directory = createAccountDirectory({ ...dependencies, accounts: flaky });
    const secret = { apiSecret: 'the-secret' };
    expect(await directory.credentialsOf(account.id, AWAY_MS_MAX)).toMatchObject(secret);

    answer = 'error';
    clock.advance(60_000);
    expect(await directory.credentialsOf(account.id, AWAY_MS_MAX)).toMatchObject(secret);

    answer = 'silence';
    const late = directory.credentialsOf(account.id, AWAY_MS_MAX);
    clock.advance(300);
    expect(await late).toMatchObject(secret);

    answer = 'error';
    clock.advance(60_000);
    await expect(directory.credentialsOf(account.id, AWAY_MS_MAX)).rejects.toThrow(
      StoreUnavailableError,
    );
  });

  test('an account that is not there is refused by id', async () => {
    const { directory } = createWorld();
    await expect(directory.credentialsOf(id('nobody'), AWAY_MS_MAX)).rejects.toThrow(
      UnknownAccountError,
    );
  });

  test('a failed read is not remembered', async () => {
    const { dependencies, accounts } = createWorld();
    const account = await ensureAccount(dependencies, wanted);
    let isAway = true;
    const flaky: AccountStore = {
      ...accounts,
      find: (accountId) =>
        isAway ? Promise.reject(new StoreUnavailableError({})) : accounts.find(accountId),
    };
    const directory = createAccountDirectory({ ...dependencies, accounts: flaky });

    await expect(directory.credentialsOf(account.id, AWAY_MS_MAX)).rejects.toThrow(
      StoreUnavailableError,
    );
    isAway = false;
    expect(await directory.credentialsOf(account.id, AWAY_MS_MAX)).toMatchObject({
      apiSecret: 'the-secret',
    });
  });
});
