import type { Clock } from '#pkg/base';
import type { Account, AccountChangeKind, AccountId, AccountSettings } from '#pkg/domain';
import type { AccountStore } from '#pkg/store';
import { AccountChangedError, AccountSettingsError, UnknownAccountError } from './errors.ts';
import { findSettingsMistakes } from './settings.ts';

export interface ChangeDependencies {
  readonly accounts: AccountStore;
  readonly clock: Clock;
}

/** What changes, by whom and why; all of it stands in the account's history. */
export interface ChangeRequest {
  readonly kind: AccountChangeKind;
  readonly who: string;
  readonly why: string;
  /** What follows for the row, from the row as it stands now; a settings' version is set here. */
  readonly set?: (
    account: Account,
  ) => Partial<Pick<Account, 'settings' | 'apiKey' | 'sealedSecret' | 'isTradingOn'>>;
}

/**
 * Changes an account and keeps the change in its history; returns the account as it stands then.
 *
 * Throws AccountSettingsError with every mistake, AccountChangedError when somebody else changed the account meanwhile;
 * nothing was changed then.
 */
export async function changeAccount(
  { accounts, clock }: ChangeDependencies,
  accountId: AccountId,
  { kind, who, why, set = () => ({}) }: ChangeRequest,
): Promise<Account> {
  // The history first: a change that comes between the two reads is found out by its number.
  const [newest] = await accounts.listChanges(accountId, 1);
  const account = await accounts.find(accountId);
  if (account === undefined) throw new UnknownAccountError({ fields: { accountId } });
  const after = newest?.number ?? 0;
  const changes = set(account);
  const settings = withVersion(changes.settings, after + 1);
  const mistakes = settings === undefined ? [] : findSettingsMistakes(settings);
  if (mistakes.length > 0) throw new AccountSettingsError(mistakes);
  const outcome = await accounts.change({
    accountId,
    kind,
    who,
    why,
    atMs: clock.nowMs(),
    after,
    set: { ...changes, ...(settings === undefined ? {} : { settings }) },
  });
  if (outcome === 'conflict') throw new AccountChangedError(account.name);
  return { ...account, ...changes, settings: settings ?? account.settings };
}

function withVersion(
  settings: AccountSettings | undefined,
  version: number,
): AccountSettings | undefined {
  return settings === undefined ? undefined : { ...settings, version };
}
