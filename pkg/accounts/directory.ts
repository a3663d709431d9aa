import { toError, type Clock } from '#pkg/base';
import type { AccountId } from '#pkg/domain';
import { StoreUnavailableError, type AccountStore, type SettingStore } from '#pkg/store';
import { findCandidate } from './key-candidates.ts';
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
   * Returns the opened credentials, at most `CACHE_MS` old, or `AWAY_MS_MAX` while the database is away: what protects a position
   * must be signed then, too. Throws UnknownAccountError, AccountSecretError, or what the store throws.
   */
  credentialsOf(accountId: AccountId): Promise<AccountCredentials>;
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
/** How long credentials that were read last are still used when the database does not answer. */
const AWAY_MS_MAX = 120_000;
/** A database that takes longer is as good as away. */
const ANSWER_MS = 300;

/** Returns the directory that the exchange adapter asks before it signs. */
export function createAccountDirectory(
  dependencies: AccountDirectoryDependencies,
): AccountDirectory {
  const { accounts, settings, key, clock } = dependencies;
  const cache = new Map<
    AccountId,
    { readonly readAtMs: number; readonly credentials: Promise<AccountCredentials> }
  >();
  const lastRead = new Map<
    AccountId,
    { readonly readAtMs: number; readonly credentials: AccountCredentials }
  >();
  const read = async (accountId: AccountId): Promise<AccountCredentials> => {
    const account = (await accounts.find(accountId)) ?? (await findCandidate(settings, accountId));
    if (account === undefined) throw new UnknownAccountError({ fields: { accountId } });
    const apiSecret = openSecret(key, accountId, account.sealedSecret);
    return { apiKey: account.apiKey, apiSecret };
  };
  const readFresh = async (accountId: AccountId, nowMs: number): Promise<AccountCredentials> => {
    const known = cache.get(accountId);
    if (known !== undefined && nowMs - known.readAtMs < CACHE_MS) return known.credentials;
    const entry = { readAtMs: nowMs, credentials: read(accountId) };
    cache.set(accountId, entry);
    try {
      const credentials = await entry.credentials;
      lastRead.set(accountId, { readAtMs: nowMs, credentials });
      return credentials;
    } catch (error) {
      if (cache.get(accountId) === entry) cache.delete(accountId);
      if (!(error instanceof StoreUnavailableError)) lastRead.delete(accountId);
      throw error;
    }
  };
  return {
    credentialsOf: async (accountId) => {
      const nowMs = clock.monotonicMs();
      const last = lastRead.get(accountId);
      if (last === undefined) return readFresh(accountId, nowMs);
      const ageMs = nowMs - last.readAtMs;
      if (ageMs < CACHE_MS) return last.credentials;
      const fresh = readFresh(accountId, nowMs);
      return ageMs < AWAY_MS_MAX ? unlessAway(clock, fresh, last.credentials) : fresh;
    },
  };
}

/** Resolves with `fresh`, or with `last` when the database is away or does not answer in time. */
function unlessAway(
  clock: Clock,
  fresh: Promise<AccountCredentials>,
  last: AccountCredentials,
): Promise<AccountCredentials> {
  return new Promise((resolve, reject) => {
    const cancel = clock.schedule(ANSWER_MS, () => {
      resolve(last);
    });
    fresh.finally(cancel).then(resolve, (error: unknown) => {
      if (error instanceof StoreUnavailableError) resolve(last);
      else reject(toError(error));
    });
  });
}
