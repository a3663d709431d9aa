import { expect, test } from 'vitest';

import { createManualClock } from '#pkg/base';
import { id, type AccountId } from '#pkg/domain';
import { createMemoryStore, type Store } from '#pkg/store';
import { armAccount, disarmAccount, readArming } from './arming.ts';
import { bindFleet } from './fleet-identity.ts';

const account = id<AccountId>('account-1');
const BY = { who: 'ann', atMs: 1 };

async function createBound(uid = 'fleet-a'): Promise<Store> {
  const store = createMemoryStore({ clock: createManualClock() });
  await bindFleet(store.settings, uid, 0);
  return store;
}

test('an account that nobody armed is not armed', async () => {
  expect(await readArming(await createBound(), account)).toBe('none');
});

test('an account armed in this fleet is armed, and no other account with it', async () => {
  const store = await createBound();
  await armAccount(store, account, BY);
  expect(await readArming(store, account)).toBe('armed');
  expect(await readArming(store, id<AccountId>('account-2'))).toBe('none');
});

test('a disarmed account only closes, and disarming arms nobody', async () => {
  const store = await createBound();
  await disarmAccount(store, account, BY);
  expect(await readArming(store, account)).toBe('none');
  await armAccount(store, account, BY);
  await disarmAccount(store, account, BY);
  expect(await readArming(store, account)).toBe('closing');
});

test('rows that were copied into another database, or under another fleet, arm nothing', async () => {
  const store = await createBound();
  await armAccount(store, account, BY);
  const restored = { ...store, readIdentity: () => Promise.resolve('another server') };
  expect(await readArming(restored, account)).toBe('none');
  await disarmAccount(restored, account, BY);
  expect(await readArming(store, account)).toBe('armed');

  await store.settings.set('fleet-uid', 'fleet-b', 1);
  expect(await readArming(store, account)).toBe('none');
});

test('a database that no fleet is bound to arms nothing', async () => {
  const store = createMemoryStore({ clock: createManualClock() });
  await armAccount(store, account, BY);
  expect(await readArming(store, account)).toBe('none');
});

test('an arming of an earlier form is none', async () => {
  const store = await createBound();
  await store.settings.set(`armed-account:${account}`, 'fleet-a', 1);
  expect(await readArming(store, account)).toBe('none');
});
