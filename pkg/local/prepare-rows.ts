import { createIdMaker } from '#pkg/base';
import { LocalError } from './errors.ts';
import type { LocalFleetOptions } from './fleet-options.ts';
import type { FleetEndpoints } from './process-environment.ts';
import type { FleetReader } from './reader.ts';

const SIMULATED_ACCOUNT = 'simulated';

/** Brings the schema forward. Safe to repeat. */
export async function migrateRows(
  options: LocalFleetOptions,
  endpoints: FleetEndpoints,
): Promise<readonly string[]> {
  const { migrate, openMysql } = await import('#pkg/store');
  const { clock, logger } = options;
  await using database = openMysql({ url: endpoints.mysqlUrl, clock, logger, connectionLimit: 1 });
  const { applied } = await migrate(database);
  return applied;
}

/**
 * Makes sure that the rows are this fleet's, and that the account of the simulated exchange is among them.
 *
 * Throws {@link LocalError} when the database belongs to another fleet.
 */
export async function prepareRows(options: LocalFleetOptions, reader: FleetReader): Promise<void> {
  const { bindFleet, ForeignDatabaseError } = await import('#pkg/accounts');
  const { clock, state } = options;
  try {
    await bindFleet(reader.store.settings, state.identity.uid, clock.nowMs());
  } catch (error) {
    if (!(error instanceof ForeignDatabaseError)) throw error;
    const uid = String(error.fields['found']);
    throw new LocalError(
      'STATE_MISMATCH',
      `this database holds the rows of another fleet (${uid}); use the state folder that it was made with, or an empty database`,
    );
  }
  if (options.fleet.spec.exchange.mode === 'simulated') await registerAccount(options, reader);
}

async function registerAccount(options: LocalFleetOptions, reader: FleetReader): Promise<void> {
  const { ensureAccount, readSecretKey } = await import('#pkg/accounts');
  const { clock, random, state } = options;
  const key = await readSecretKey(state.paths.secretKey);
  const { accounts } = reader.store;
  await ensureAccount(
    { accounts, key, clock, makeId: createIdMaker(clock, random) },
    {
      name: SIMULATED_ACCOUNT,
      apiKey: state.secrets.venueKey,
      apiSecret: state.secrets.venueSecret,
    },
  );
}
