import { openMysql, type MysqlDatabase, type MysqlOptions } from './database.ts';
import { parseMysqlUrl } from './mysql-address.ts';
import { migrate, type Migrated } from './migrator.ts';
import { StoreUnavailableError } from '../errors.ts';

const CREATE_MS_MAX = 5_000;

/**
 * Makes the database that `options.url` names if the server has none, then brings its schema forward.
 *
 * For the command `migrate` and for a private server; throws StoreUnavailableError or SchemaVersionError.
 */
export async function migrateServer(options: MysqlOptions): Promise<Migrated> {
  await using database = openMysql({ ...options, connectionLimit: 1 });
  try {
    return await migrate(database);
  } catch (error) {
    if (!isUnknownDatabase(error)) throw error;
  }
  await createDatabase(options);
  // Awaited here: the database is closed when this function ends.
  return await migrate(database);
}

function isUnknownDatabase(error: unknown): boolean {
  return error instanceof StoreUnavailableError && error.fields['problem'] === 'UnknownDatabase';
}

async function createDatabase(options: MysqlOptions): Promise<void> {
  const name = parseMysqlUrl(options.url).database;
  const url = new URL(options.url);
  url.pathname = '/information_schema';
  await using server: MysqlDatabase = openMysql({ ...options, url: url.href, connectionLimit: 1 });
  await server.reserve({ deadlineMs: CREATE_MS_MAX }, (session) =>
    session.query(
      `CREATE DATABASE IF NOT EXISTS \`${name}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
    ),
  );
}
