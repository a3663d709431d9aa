import type { IdMaker } from '#pkg/base';
import { id, type AccountId } from '#pkg/domain';
import type { SettingStore } from '#pkg/store';
import type { AccountCredentials } from './directory.ts';
import { sealSecret } from './seal.ts';
import type { SecretKey } from './secret-key.ts';

/** Credentials that are tried from every address before an account gets them. */
interface KeyCandidate {
  readonly apiKey: string;
  readonly sealedSecret: string;
}

/**
 * Stores credentials, the secret sealed, under an id of their own, and returns that: whoever signs finds them by it as
 * if it were an account's. Drop them when they were tried.
 */
export async function saveCandidate(
  dependencies: {
    readonly settings: Pick<SettingStore, 'set'>;
    readonly key: SecretKey;
    readonly makeId: IdMaker;
  },
  { apiKey, apiSecret }: AccountCredentials,
  nowMs: number,
): Promise<AccountId> {
  const { settings, key, makeId } = dependencies;
  const candidateId = id<AccountId>(makeId());
  const candidate: KeyCandidate = { apiKey, sealedSecret: sealSecret(key, candidateId, apiSecret) };
  await settings.set(settingOf(candidateId), JSON.stringify(candidate), nowMs);
  return candidateId;
}

/** Returns what {@link saveCandidate} stored under this id. */
export async function findCandidate(
  settings: Pick<SettingStore, 'find'>,
  candidateId: AccountId,
): Promise<KeyCandidate | undefined> {
  const value = await settings.find(settingOf(candidateId));
  return value === undefined ? undefined : (JSON.parse(value) as KeyCandidate);
}

export function dropCandidate(
  settings: Pick<SettingStore, 'remove'>,
  candidateId: AccountId,
): Promise<void> {
  return settings.remove(settingOf(candidateId));
}

function settingOf(candidateId: AccountId): string {
  return `key-candidate:${candidateId}`;
}
