import { DEFAULT_ACCOUNT_SETTINGS, id, type Account, type AccountId } from '#pkg/domain';
import { changeAccount, type ChangeRequest } from './change-account.ts';
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
  { who, why }: Pick<ChangeRequest, 'who' | 'why'>,
): Promise<Account> {
  const settings = wanted.settings ?? DEFAULT_ACCOUNT_SETTINGS;
  const mistakes = findSettingsMistakes(settings);
  if (mistakes.length > 0) throw new AccountSettingsError(mistakes);
  await assertKeyIsFree(accounts, wanted);
  const accountId = id<AccountId>(makeId());
  await accounts.save({
    id: accountId,
    name: wanted.name,
    venue: 'binance',
    apiKey: wanted.apiKey,
    sealedSecret: sealSecret(key, accountId, wanted.apiSecret),
    isTradingOn: wanted.isTradingOn ?? true,
    settings,
    createdAtMs: clock.nowMs(),
  });
  return changeAccount({ accounts, clock }, accountId, {
    kind: 'added',
    who,
    why,
    set: (account) => ({ settings: account.settings }),
  });
}

/** Throws AccountTakenError when an account other than `accountId` has this name or this API key. */
export async function assertKeyIsFree(
  accounts: EnsureAccountDependencies['accounts'],
  wanted: Pick<WantedAccount, 'name' | 'apiKey'> & { readonly accountId?: AccountId },
): Promise<void> {
  for (const other of await accounts.list()) {
    if (other.id === wanted.accountId) continue;
    if (other.name === wanted.name) {
      throw new AccountTakenError(`there is an account ${wanted.name} already`);
    }
    if (other.apiKey === wanted.apiKey) {
      throw new AccountTakenError(
        `account ${other.name} has this API key; each account needs a key and a sub-account of its own`,
      );
    }
  }
}
