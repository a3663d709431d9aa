import { id, type AccountId } from '#pkg/domain';
import type { SettingStore } from '#pkg/store';

const PREFIX = 'books-compared:';
const ALL = 'all';

/** Setting of one account, or of all where none is named. */
function settingOf(accountId: AccountId | undefined): string {
  return `${PREFIX}${accountId ?? ALL}`;
}

/** Writes that the rows of an account, or of all accounts, were compared with the venue as of `atMs`. */
export async function saveComparedAt(
  settings: SettingStore,
  accountId: AccountId | undefined,
  { atMs, nowMs }: { readonly atMs: number; readonly nowMs: number },
): Promise<void> {
  await settings.set(settingOf(accountId), String(atMs), nowMs);
}

/** Returns as of when the rows of an account were last compared with the venue; 0 when never. */
export async function readComparedAt(
  settings: Pick<SettingStore, 'find'>,
  accountId: AccountId,
): Promise<number> {
  const [own, all] = await Promise.all([
    settings.find(settingOf(accountId)),
    settings.find(settingOf(undefined)),
  ]);
  return Math.max(Number(own ?? 0), Number(all ?? 0));
}

/** Returns the same of every account of which it was written by itself. */
export async function readAllComparedAt(
  settings: Pick<SettingStore, 'listByPrefix'>,
): Promise<ReadonlyMap<AccountId, number>> {
  const values = await settings.listByPrefix(PREFIX);
  return new Map(
    [...values].map(([name, value]) => [id<AccountId>(name.slice(PREFIX.length)), Number(value)]),
  );
}
