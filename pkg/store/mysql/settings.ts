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
