import { sql } from 'kysely';

import { id } from '#pkg/domain';
import type { Readout, ReadoutStore } from '../store.ts';
import { inBatches, orNull, orUndefined, readJson } from './columns.ts';
import type { MysqlDatabase, Queries } from './database.ts';

const BATCH_ROWS = 200;

/** Returns the readouts of `database`. */
export function createMysqlReadoutStore(database: MysqlDatabase): ReadoutStore {
  return {
    save: async (readouts) => {
      for (const batch of inBatches(readouts, BATCH_ROWS)) {
        await database.run((queries) => saveBatch(queries, batch));
      }
    },
    list: async (symbol, timeframe) => {
      const rows = await database.run((queries) =>
        queries
          .selectFrom('readouts')
          .selectAll()
          .where('symbol', '=', symbol)
          .where('timeframe', '=', timeframe)
          .orderBy('indicator')
          .execute(),
      );
      return rows.map((row) => ({
        symbol: id(row.symbol),
        timeframe,
        indicator: row.indicator,
        values: readJson(row.readings),
        candleOpenAtMs: orUndefined(row.candle_open_at_ms),
        readAtMs: row.read_at_ms,
      }));
    },
  };
}

/** Assignments run from left to right, so `read_at_ms`, which the others ask, comes last. */
async function saveBatch(queries: Queries, readouts: readonly Readout[]): Promise<void> {
  const newer = (column: string) =>
    sql<never>`IF(VALUES(read_at_ms) >= read_at_ms, VALUES(${sql.ref(column)}), ${sql.ref(column)})`;
  await queries
    .insertInto('readouts')
    .values(
      readouts.map((readout) => ({
        symbol: readout.symbol,
        timeframe: readout.timeframe,
        indicator: readout.indicator,
        readings: JSON.stringify(readout.values),
        candle_open_at_ms: orNull(readout.candleOpenAtMs),
        read_at_ms: readout.readAtMs,
      })),
    )
    .onDuplicateKeyUpdate({
      readings: newer('readings'),
      candle_open_at_ms: newer('candle_open_at_ms'),
      read_at_ms: newer('read_at_ms'),
    })
    .execute();
}
