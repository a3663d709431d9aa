import type { AccountId } from '#pkg/domain';
import type { SettingStore } from '#pkg/store';

/** Setting that says whose rows these are: written once, when a fleet first uses a database. */
export const FLEET_IDENTITY_SETTING = 'fleet-uid';

/**
 * True when somebody armed this account for real money in this fleet.
 *
 * The row names the fleet it was armed in, so rows that were copied under another fleet's identity arm nothing.
 * Without an identity nothing is armed.
 */
export async function isArmed(
  settings: Pick<SettingStore, 'find'>,
  accountId: AccountId,
): Promise<boolean> {
  const identity = await settings.find(FLEET_IDENTITY_SETTING);
  return identity !== undefined && (await settings.find(armingSettingOf(accountId))) === identity;
}

/** Returns the name of the setting that arms an account; its value is the identity of the fleet. */
export function armingSettingOf(accountId: AccountId): string {
  return `armed-account:${accountId}`;
}
