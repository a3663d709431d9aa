import { DEFAULT_ACCOUNT_SETTINGS, id, type Account, type AccountId } from '#pkg/domain';
import type { EnsureAccountDependencies, WantedAccount } from './ensure-account.ts';
import { AccountSettingsError, AccountTakenError } from './errors.ts';
import { sealSecret } from './seal.ts';
import { findSettingsMistakes } from './settings.ts';

/**
 * Registers a new account. Throws AccountSettingsError with every mistake, and AccountTakenError when the name is taken,
 * or another account has this API key: two accounts on one key would hold each other's orders for strangers.
 */
export async function registerAccount(
  { accounts, key, clock, makeId }: EnsureAccountDependencies,
  wanted: WantedAccount,
): Promise<Account> {
  const settings = wanted.settings ?? DEFAULT_ACCOUNT_SETTINGS;
  const mistakes = findSettingsMistakes(settings);
  if (mistakes.length > 0) throw new AccountSettingsError(mistakes);
  await assertKeyIsFree(accounts, wanted);
  const accountId = id<AccountId>(makeId());
  const saved = await accounts.save({
    id: accountId,
    name: wanted.name,
    venue: 'binance',
    apiKey: wanted.apiKey,
    sealedSecret: sealSecret(key, accountId, wanted.apiSecret),
    isTradingOn: wanted.isTradingOn ?? true,
    settings,
    createdAtMs: clock.nowMs(),
  });
  return saved;
}

/** Throws AccountTakenError when another account has this name or this API key. */
async function assertKeyIsFree(
  accounts: EnsureAccountDependencies['accounts'],
  { name, apiKey }: Pick<WantedAccount, 'name' | 'apiKey'>,
): Promise<void> {
  for (const other of await accounts.list()) {
    if (other.name === name) throw new AccountTakenError(`there is an account ${name} already`);
    if (other.apiKey === apiKey) {
      throw new AccountTakenError(
        `account ${other.name} has this API key; each account needs a key and a sub-account of its own`,
      );
    }
  }
}
