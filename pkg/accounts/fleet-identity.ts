import { FleetError } from '#pkg/base';
import type { SettingStore } from '#pkg/store';

/** Setting that says whose rows these are: written once, when a fleet first uses a database. */
export const FLEET_IDENTITY_SETTING = 'fleet-uid';
/** Setting that says whether the money is real; absent where no process with a mode has run yet. */
const EXCHANGE_MODE_SETTING = 'exchange-mode';

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

/** Notes whether the money is real, for all who decide by rows alone. */
export async function noteExchangeMode(
  settings: Pick<SettingStore, 'find' | 'set'>,
  mode: string,
  nowMs: number,
): Promise<void> {
  if ((await settings.find(EXCHANGE_MODE_SETTING)) === mode) return;
  await settings.set(EXCHANGE_MODE_SETTING, mode, nowMs);
}

/** True where the money is real, as far as the rows know; whoever signs knows it from its own configuration. */
export async function isMoneyReal(settings: Pick<SettingStore, 'find'>): Promise<boolean> {
  return (await settings.find(EXCHANGE_MODE_SETTING)) === 'live';
}
