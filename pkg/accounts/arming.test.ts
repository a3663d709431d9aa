import { expect, test } from 'vitest';

import { createManualClock } from '#pkg/base';
import { id, type AccountId } from '#pkg/domain';
import { createMemoryStore } from '#pkg/store';
import { armingSettingOf, FLEET_IDENTITY_SETTING, isArmed } from './arming.ts';

const account = id<AccountId>('account-1');

async function settingsOf(rows: Readonly<Record<string, string>>) {
  const { settings } = createMemoryStore({ clock: createManualClock() });
  for (const [name, value] of Object.entries(rows)) await settings.set(name, value, 0);
  return settings;
}

test('an account that nobody armed is not armed', async () => {
  expect(await isArmed(await settingsOf({ [FLEET_IDENTITY_SETTING]: 'a' }), account)).toBe(false);
});

test('an account armed in this fleet is armed, and no other account with it', async () => {
  const settings = await settingsOf({
    [FLEET_IDENTITY_SETTING]: 'a',
    [armingSettingOf(account)]: 'a',
  });
  expect(await isArmed(settings, account)).toBe(true);
  expect(await isArmed(settings, id<AccountId>('account-2'))).toBe(false);
});

test('rows that came from another fleet arm nothing', async () => {
  const armed = { [armingSettingOf(account)]: 'a' };
  expect(
    await isArmed(await settingsOf({ [FLEET_IDENTITY_SETTING]: 'b', ...armed }), account),
  ).toBe(false);
  expect(await isArmed(await settingsOf(armed), account)).toBe(false);
});
