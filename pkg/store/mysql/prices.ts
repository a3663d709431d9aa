import { sql } from 'kysely';

import { id } from '#pkg/domain';
import type { PriceStore } from '../stream-rows.ts';
import { inBatches, readAmount } from './columns.ts';
import type { MysqlDatabase, Queries } from './database.ts';

const BATCH_ROWS = 500;

/** Returns the newest prices of `database`. */
export function createMysqlPriceStore(database: MysqlDatabase): PriceStore {
  return {
    save: async (ticks) => {
      // In one order everywhere: two writers that lock the same rows never wait for each other in a circle.
      const sorted = ticks.toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1));
      for (const batch of inBatches(sorted, BATCH_ROWS)) {
        await database.run((queries) => saveBatch(queries, batch));
      }
    },
    list: async () => {
      const rows = await database.run((queries) =>
        queries.selectFrom('prices').selectAll().orderBy('symbol').execute(),
      );
      return rows.map((row) => ({
        symbol: id(row.symbol),
        price: readAmount(row.mark),
        atMs: row.at_ms,
      }));
    },
  };
}

/** Assignments run from left to right, so `at_ms`, which the other asks, comes last. */
async function saveBatch(
  queries: Queries,
  ticks: Parameters<PriceStore['save']>[0],
): Promise<void> {
  await queries
    .insertInto('prices')
    .values(ticks.map(({ symbol, mark, atMs }) => ({ symbol, mark, at_ms: atMs })))
    .onDuplicateKeyUpdate({
      mark: sql<string>`IF(VALUES(at_ms) >= at_ms, VALUES(mark), mark)`,
      at_ms: sql<number>`GREATEST(VALUES(at_ms), at_ms)`,
    })
    .execute();
}
