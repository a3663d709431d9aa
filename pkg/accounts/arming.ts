/**
 * Who may trade real money here.
 *
 * A row for each account names the fleet and the database that it was armed in, so rows that were restored or copied
 * elsewhere arm nothing. A fleet without real money asks nothing of this.
 */
import type { AccountId } from '#pkg/domain';
import type { Store } from '#pkg/store';
import { FLEET_IDENTITY_SETTING } from './fleet-identity.ts';

/**
 *   armed    everything is signed
 *   closing  a person disarmed it: what protects, closes or looks is signed, what opens is not
 *   none     never armed, or armed in another fleet or database: nothing is signed
 */
export type Arming = 'armed' | 'closing' | 'none';

interface ArmingRow {
  readonly fleetUid: string;
  readonly databaseId: string;
  readonly state: 'armed' | 'closing';
  readonly who: string;
  readonly atMs: number;
}

type ArmingStore = Pick<Store, 'settings' | 'readIdentity'>;

/** Returns the arming of one account in this fleet and this database. */
export async function readArming(store: ArmingStore, accountId: AccountId): Promise<Arming> {
  const [fleetUid, databaseId, value] = await Promise.all([
    store.settings.find(FLEET_IDENTITY_SETTING),
    store.readIdentity(),
    store.settings.find(armingSettingOf(accountId)),
  ]);
  const row = value === undefined ? undefined : parseRow(value);
  if (row === undefined || fleetUid === undefined) return 'none';
  return row.fleetUid === fleetUid && row.databaseId === databaseId ? row.state : 'none';
}

/** Binds the account to this fleet and database. */
export async function armAccount(
  store: ArmingStore,
  accountId: AccountId,
  { who, atMs }: Pick<ArmingRow, 'who' | 'atMs'>,
): Promise<void> {
  const fleetUid = (await store.settings.find(FLEET_IDENTITY_SETTING)) ?? '';
  const databaseId = await store.readIdentity();
  await save(store, accountId, { fleetUid, databaseId, state: 'armed', who, atMs });
}

/** Lets an armed account only protect and close from now on; one that is not armed stays as it is. */
export async function disarmAccount(
  store: ArmingStore,
  accountId: AccountId,
  { who, atMs }: Pick<ArmingRow, 'who' | 'atMs'>,
): Promise<void> {
  if ((await readArming(store, accountId)) === 'none') return;
  const value = (await store.settings.find(armingSettingOf(accountId))) ?? '';
  const row = parseRow(value);
  if (row !== undefined) await save(store, accountId, { ...row, state: 'closing', who, atMs });
}

function save(store: ArmingStore, accountId: AccountId, row: ArmingRow): Promise<void> {
  return store.settings.set(armingSettingOf(accountId), JSON.stringify(row), row.atMs);
}

/** Undefined for what is no row of this release: then nothing is armed. */
function parseRow(value: string): ArmingRow | undefined {
  try {
    const row = JSON.parse(value) as Partial<ArmingRow>;
    const isKnown = row.state === 'armed' || row.state === 'closing';
    return isKnown && row.fleetUid !== undefined && row.fleetUid !== ''
      ? (row as ArmingRow)
      : undefined;
  } catch {
    return undefined;
  }
}

function armingSettingOf(accountId: AccountId): string {
  return `armed-account:${accountId}`;
}
