import type { Clock } from '#pkg/base';
import type { AccountId } from '#pkg/domain';
import type { AccountStore, SettingStore } from '#pkg/store';
import { createBoundedRead } from './bounded-read.ts';
import { UnknownAccountError } from './errors.ts';
import { findCandidate } from './key-candidates.ts';
import { openSecret } from './seal.ts';
import type { SecretKey } from './secret-key.ts';

/** What signs a request. Never logged, never stored. */
export interface AccountCredentials {
  readonly apiKey: string;
  readonly apiSecret: string;
}

export interface AccountDirectory {
  /**
   * Returns the opened credentials, at most `CACHE_MS` old, or `awayMsMax` while the database is away.
   * Throws UnknownAccountError, AccountSecretError, or what the store throws.
   */
  credentialsOf(accountId: AccountId, awayMsMax: number): Promise<AccountCredentials>;
}

export interface AccountDirectoryDependencies {
  readonly accounts: AccountStore;
  /** Where credentials stand that are tried before an account gets them. */
  readonly settings: Pick<SettingStore, 'find'>;
  readonly key: SecretKey;
  readonly clock: Clock;
}

/** A rotated key is in use everywhere within this time; a request does not cost a read of the database. */
const CACHE_MS = 10_000;

/** Returns the directory that whoever signs asks first. */
export function createAccountDirectory(
  dependencies: AccountDirectoryDependencies,
): AccountDirectory {
  const { accounts, settings, key, clock } = dependencies;
  const opened = createBoundedRead<AccountId, AccountCredentials>(
    {
      clock,
      read: async (accountId) => {
        const account =
          (await accounts.find(accountId)) ?? (await findCandidate(settings, accountId));
        if (account === undefined) throw new UnknownAccountError({ fields: { accountId } });
        const apiSecret = openSecret(key, accountId, account.sealedSecret);
        return { apiKey: account.apiKey, apiSecret };
      },
    },
    { freshMs: CACHE_MS },
  );
  return { credentialsOf: (accountId, awayMsMax) => opened.get(accountId, awayMsMax) };
}
