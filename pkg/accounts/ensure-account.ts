import type { Clock, IdMaker } from '#pkg/base';
import {
  DEFAULT_ACCOUNT_SETTINGS,
  id,
  type Account,
  type AccountId,
  type AccountSettings,
} from '#pkg/domain';
import type { AccountStore } from '#pkg/store';
import { AccountSecretError, AccountSettingsError } from './errors.ts';
import { openSecret, sealSecret } from './seal.ts';
import type { SecretKey } from './secret-key.ts';
import { findSettingsMistakes } from './settings.ts';

export interface EnsureAccountDependencies {
  readonly accounts: AccountStore;
  readonly key: SecretKey;
  readonly clock: Clock;
  readonly makeId: IdMaker;
}

export interface WantedAccount {
  readonly name: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  /** Only for a new account; a standing one keeps its own. */
  readonly settings?: AccountSettings;
  /** Only for a new account; true unless given. */
  readonly isTradingOn?: boolean;
}

/**
 * Registers the account under its name, and makes its credentials the wanted ones. Safe to repeat: settings,
 * switch and balance of a standing account stay as they are.
 *
 * Throws AccountSettingsError with every mistake.
 */
export async function ensureAccount(
  dependencies: EnsureAccountDependencies,
  wanted: WantedAccount,
): Promise<Account> {
  const { accounts, key, clock, makeId } = dependencies;
  const settings = wanted.settings ?? DEFAULT_ACCOUNT_SETTINGS;
  const mistakes = findSettingsMistakes(settings);
  if (mistakes.length > 0) throw new AccountSettingsError(mistakes);

  const standing = await accounts.findByName(wanted.name);
  if (standing !== undefined) return renew(accounts, key, standing, wanted);
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
  // Somebody else registered the name at the same time: the row has that id, so the secret is sealed again.
  return saved.id === accountId ? saved : renew(accounts, key, saved, wanted);
}

async function renew(
  accounts: AccountStore,
  key: SecretKey,
  standing: Account,
  wanted: WantedAccount,
): Promise<Account> {
  if (standing.apiKey === wanted.apiKey && opensTo(key, standing, wanted.apiSecret)) {
    return standing;
  }
  return accounts.save({
    ...standing,
    apiKey: wanted.apiKey,
    sealedSecret: sealSecret(key, standing.id, wanted.apiSecret),
  });
}

function opensTo(key: SecretKey, account: Account, secret: string): boolean {
  try {
    return openSecret(key, account.id, account.sealedSecret) === secret;
  } catch (error) {
    if (error instanceof AccountSecretError) return false;
    throw error;
  }
}
