import { createSystemClock } from '#pkg/base';
import { createSilentLogger } from '#pkg/observability';
import { migrate, openMysql, openMysqlStore } from '#pkg/store';
import type { StoreUnderTest } from './store.ts';

/** Returns a store on the empty database at `url`, migrated by this release. */
export async function openMigratedStore(url: string): Promise<StoreUnderTest> {
  const clock = createSystemClock();
  const options = { url, clock, logger: createSilentLogger() };
  await using database = openMysql(options);
  await migrate(database);
  return {
    store: await openMysqlStore(options),
    // The clock's own timers never hold a process open; the test's must.
    passTime: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
}
