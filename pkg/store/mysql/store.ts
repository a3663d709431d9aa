import { sql } from 'kysely';

import type { Store } from '../store.ts';
import { createMysqlAccountStreamStore } from './account-streams.ts';
import { createMysqlAccountStore } from './accounts.ts';
import { createMysqlCandleStore } from './candles.ts';
import { readDatabaseIdentity } from './database-identity.ts';
import { openMysql, type MysqlDatabase, type MysqlOptions } from './database.ts';
import { createMysqlEventStore } from './events.ts';
import { createMysqlFrameStore } from './frames.ts';
import { createMysqlLeaseStore } from './leases.ts';
import { assertSchema } from './migrator.ts';
import { createMysqlOrderStore } from './orders.ts';
import { createMysqlPositionStore } from './positions.ts';
import { createMysqlPriceStore } from './prices.ts';
import { createMysqlReadoutStore } from './readouts.ts';
import { createMysqlScheduleRunStore } from './schedule-runs.ts';
import { readServerStatus } from './server-status.ts';
import { createMysqlSettingStore } from './settings.ts';
import { createMysqlStepStore } from './step-store.ts';
import { createMysqlSymbolStore } from './symbols.ts';
import { createMysqlUserStore } from './users.ts';
import { createMysqlWorkerStore } from './workers.ts';

/**
 * Returns the store at `options.url`, once it answers and has the schema of this release.
 *
 * Throws StoreUnavailableError or SchemaVersionError; both say what to do. Reconnects by itself afterwards.
 */
export async function openMysqlStore(options: MysqlOptions): Promise<Store> {
  const database = openMysql(options);
  try {
    await assertSchema(database);
    return createMysqlStore(database);
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
}

/** Returns the store over an open database whose schema is known to fit. */
export function createMysqlStore(database: MysqlDatabase): Store {
  return {
    steps: createMysqlStepStore(database),
    leases: createMysqlLeaseStore(database),
    workers: createMysqlWorkerStore(database),
    accounts: createMysqlAccountStore(database),
    symbols: createMysqlSymbolStore(database),
    positions: createMysqlPositionStore(database),
    orders: createMysqlOrderStore(database),
    candles: createMysqlCandleStore(database),
    readouts: createMysqlReadoutStore(database),
    frames: createMysqlFrameStore(database),
    prices: createMysqlPriceStore(database),
    accountStreams: createMysqlAccountStreamStore(database),
    events: createMysqlEventStore(database),
    scheduleRuns: createMysqlScheduleRunStore(database),
    settings: createMysqlSettingStore(database),
    users: createMysqlUserStore(database),
    ping: async () => {
      await database.run((queries) => sql`SELECT 1`.execute(queries));
    },
    readIdentity: () => readDatabaseIdentity(database),
    readServerStatus: () => readServerStatus(database),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}
