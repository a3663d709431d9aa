import { FleetError } from '#pkg/base';
import type { SettingStore } from '#pkg/store';
import { FLEET_IDENTITY_SETTING } from './arming.ts';

/** The rows of this database belong to another fleet; nothing was changed. */
export class ForeignDatabaseError extends FleetError<'DATABASE_OF_ANOTHER_FLEET'> {
  constructor(found: string, wanted: string) {
    super(
      'DATABASE_OF_ANOTHER_FLEET',
      `this database holds the rows of another fleet (${found}, and this one is ${wanted}): ` +
        'name the database that this fleet was made with, or an empty one',
      { fields: { found, wanted } },
    );
  }
}

/** Makes sure that the rows are this fleet's; the first fleet that asks gets an unbound database. Throws {@link ForeignDatabaseError}. */
export async function bindFleet(
  settings: Pick<SettingStore, 'setOnce'>,
  uid: string,
  nowMs: number,
): Promise<void> {
  const found = await settings.setOnce(FLEET_IDENTITY_SETTING, uid, nowMs);
  if (found !== uid) throw new ForeignDatabaseError(found, uid);
}
