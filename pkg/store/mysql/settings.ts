import { StoreConflictError } from '../errors.ts';
import type { SettingStore } from '../store.ts';
import { replacing } from './columns.ts';
import type { MysqlDatabase, Queries } from './database.ts';

/** Returns the named values of `database`. */
export function createMysqlSettingStore(database: MysqlDatabase): SettingStore {
  return {
    find: (name) => database.run((queries) => find(queries, name)),
    listByPrefix: async (prefix) => {
      const rows = await database.run((queries) =>
        queries
          .selectFrom('settings')
          .select(['name', 'value'])
          .where('name', '>=', prefix)
          // Names are ASCII, and nothing printable comes after the tilde.
          .where('name', '<', `${prefix}~`)
          .orderBy('name')
          .execute(),
      );
      return new Map(rows.map(({ name, value }) => [name, value]));
    },
    set: async (name, value, nowMs) => {
      await database.run((queries) =>
        queries
          .insertInto('settings')
          .values({ name, value, updated_at_ms: nowMs })
          .onDuplicateKeyUpdate(replacing(['value', 'updated_at_ms']))
          .execute(),
      );
    },
    setOnce: async (name, value, nowMs) => {
      await database.run((queries) =>
        queries
          .insertInto('settings')
          .values({ name, value, updated_at_ms: nowMs })
          .onDuplicateKeyUpdate({ name })
          .execute(),
      );
      return (await database.run((queries) => find(queries, name))) ?? value;
    },
    setIf: (name, { from, to }, nowMs) =>
      from === undefined
        ? insertIfAbsent(database, { name, value: to, updated_at_ms: nowMs })
        : database.run(async (queries) => {
            const { numUpdatedRows } = await queries
              .updateTable('settings')
              .set({ value: to, updated_at_ms: nowMs })
              .where('name', '=', name)
              .where('value', '=', from)
              .executeTakeFirst();
            return numUpdatedRows > 0n;
          }),
    remove: async (name) => {
      await database.run((queries) =>
        queries.deleteFrom('settings').where('name', '=', name).execute(),
      );
    },
  };
}

async function find(queries: Queries, name: string): Promise<string | undefined> {
  const row = await queries
    .selectFrom('settings')
    .select('value')
    .where('name', '=', name)
    .executeTakeFirst();
  return row?.value;
}

async function insertIfAbsent(
  database: MysqlDatabase,
  row: { readonly name: string; readonly value: string; readonly updated_at_ms: number },
): Promise<boolean> {
  try {
    await database.run((queries) => queries.insertInto('settings').values(row).execute());
    return true;
  } catch (error) {
    // The name was taken meanwhile; anything else that conflicts is not about this row.
    if (error instanceof StoreConflictError) return false;
    throw error;
  }
}
