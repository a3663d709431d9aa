import { id, type AccountId } from '#pkg/domain';
import type { SettingStore } from '#pkg/store';

/** A difference between the rows of a quiet position and the venue. */
export interface Drift {
  readonly positionId: string;
  readonly kind: 'quantity' | 'orders' | 'structure';
  readonly message: string;
}

/** The same as it stands: after the first look it is healed in silence, after the second it is told. */
export interface DriftRow extends Drift {
  readonly accountId: string;
  readonly looks: number;
  readonly sinceMs: number;
}

const SETTING = 'drift';

export async function readDrift(
  settings: Pick<SettingStore, 'find'>,
): Promise<readonly DriftRow[]> {
  const value = await settings.find(SETTING);
  return value === undefined ? [] : (JSON.parse(value) as readonly DriftRow[]);
}

export async function saveDrift(
  settings: Pick<SettingStore, 'set'>,
  rows: readonly DriftRow[],
  nowMs: number,
): Promise<void> {
  await settings.set(SETTING, JSON.stringify(rows), nowMs);
}

const LOOKED = 'drift-looked:';

/** Returns when each account was compared with the venue last. */
export async function readLookedAt(
  settings: Pick<SettingStore, 'listByPrefix'>,
): Promise<ReadonlyMap<AccountId, number>> {
  const values = await settings.listByPrefix(LOOKED);
  return new Map(
    [...values].map(([name, value]) => [id<AccountId>(name.slice(LOOKED.length)), Number(value)]),
  );
}

export async function saveLookedAt(
  settings: Pick<SettingStore, 'set'>,
  accountId: AccountId,
  nowMs: number,
): Promise<void> {
  await settings.set(`${LOOKED}${accountId}`, String(nowMs), nowMs);
}
