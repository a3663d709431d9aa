import type { Clock } from '#pkg/base';
import type { AccountId } from '#pkg/domain';
import type { AccountStore } from '#pkg/store';
import { UnknownAccountError } from './errors.ts';
import { openSecret } from './seal.ts';
import type { SecretKey } from './secret-key.ts';

/** What signs a request. Never logged, never stored. */
export interface AccountCredentials {
  readonly apiKey: string;
  readonly apiSecret: string;
}

export interface AccountDirectory {
  /**
   * Returns the opened credentials, at most `CACHE_MS` old. Throws UnknownAccountError, AccountSecretError, or
   * what the store throws.
   */
  credentialsOf(accountId: AccountId): Promise<AccountCredentials>;
}

export interface AccountDirectoryDependencies {
  readonly accounts: AccountStore;
  readonly key: SecretKey;
  readonly clock: Clock;
}

/** A rotated key is in use everywhere within this time; a request does not cost a read of the database. */
const CACHE_MS = 10_000;

/** Returns the directory that the exchange adapter asks before it signs. */
export function createAccountDirectory(
  dependencies: AccountDirectoryDependencies,
): AccountDirectory {
  const { accounts, key, clock } = dependencies;
  const cache = new Map<
    AccountId,
    { readonly readAtMs: number; readonly credentials: Promise<AccountCredentials> }
  >();
  const read = async (accountId: AccountId): Promise<AccountCredentials> => {
    const account = await accounts.find(accountId);
    if (account === undefined) throw new UnknownAccountError({ fields: { accountId } });
    const apiSecret = openSecret(key, accountId, account.sealedSecret);
    return { apiKey: account.apiKey, apiSecret };
  };
  return {
    credentialsOf: async (accountId) => {
      const nowMs = clock.monotonicMs();
      const known = cache.get(accountId);
      if (known !== undefined && nowMs - known.readAtMs < CACHE_MS) return known.credentials;
      const entry = { readAtMs: nowMs, credentials: read(accountId) };
      cache.set(accountId, entry);
      try {
        return await entry.credentials;
      } catch (error) {
        if (cache.get(accountId) === entry) cache.delete(accountId);
        throw error;
      }
    },
  };
}
