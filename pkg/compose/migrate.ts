import { bindFleet } from '#pkg/accounts';
import { createSystemClock, toError, type Clock } from '#pkg/base';
import { ConfigError, readDatabaseConfig, type DatabaseConfig } from '#pkg/config';
import { createSilentLogger } from '#pkg/observability';
import { describeStoreError, isRefusal, migrateServer, openMysqlStore } from '#pkg/store';

export interface MigrateWorld {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly writeOut: (line: string) => void;
  readonly writeError: (line: string) => void;
}

const RETRY_MS = 1_000;
const SAY_EVERY_MS = 30_000;

/**
 * Brings the schema forward and binds the database to the fleet that KRAITE_FLEET_UID names. Returns the exit code.
 *
 * In a cluster it waits for a database that is still starting (the Job's deadline ends the wait) and says so; what a
 * person must change ends it at once, everywhere.
 */
export async function runMigrate(world: MigrateWorld): Promise<0 | 1 | 2> {
  const clock = createSystemClock();
  let config: DatabaseConfig;
  try {
    config = readDatabaseConfig(world.environment);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    world.writeError(`migrate: ${error.message}`);
    return 2;
  }
  let saidAtMs = Number.NEGATIVE_INFINITY;
  for (;;) {
    try {
      await migrateAndBind(config, clock, world);
      return 0;
    } catch (thrown) {
      const error = toError(thrown);
      const isWorthWaiting = config.runtime === 'cluster' && !isRefusal(error);
      if (!isWorthWaiting || clock.monotonicMs() - saidAtMs >= SAY_EVERY_MS) {
        saidAtMs = clock.monotonicMs();
        world.writeError(`migrate: ${describeStoreError(error)}`);
      }
      if (!isWorthWaiting) return 1;
      await clock.sleep(RETRY_MS);
    }
  }
}

async function migrateAndBind(
  { mysqlUrl: url, fleetUid }: DatabaseConfig,
  clock: Clock,
  { writeOut }: MigrateWorld,
): Promise<void> {
  const logger = createSilentLogger();
  const { applied } = await migrateServer({ url, clock, logger });
  writeOut(applied.length === 0 ? 'nothing to migrate' : `migrated: ${applied.join(', ')}`);
  if (fleetUid === undefined) return;
  await using store = await openMysqlStore({ url, clock, logger, connectionLimit: 1 });
  await bindFleet(store.settings, fleetUid, clock.nowMs());
  writeOut(`bound to fleet ${fleetUid}`);
}
