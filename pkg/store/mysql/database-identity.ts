import { createHash } from 'node:crypto';

import { sql } from 'kysely';

import type { MysqlDatabase } from './database.ts';

/** The table whose making stands for the making of the database; never altered by a migration. */
const WITNESS = 'account_changes';

/**
 * Returns what tells this database from a copy of its rows: server, host, data folder, schema, and where it is known
 * exactly when the tables were made.
 *
 * `server_uuid` is MySQL's alone. MariaDB's CREATE_TIME follows a file and not the making of the table, so it counts on
 * MySQL only: rows that were dumped and read back into the same MariaDB are not told apart.
 * Source: the manuals' pages on server_uuid and on INFORMATION_SCHEMA.TABLES.
 */
export async function readDatabaseIdentity(database: MysqlDatabase): Promise<string> {
  const variables = await database.run(async (queries) => {
    const { rows } = await sql<{ readonly Variable_name: string; readonly Value: string }>`
      SHOW GLOBAL VARIABLES WHERE Variable_name IN ('server_uuid', 'hostname', 'datadir')
    `.execute(queries);
    return rows.map(({ Variable_name: name, Value: value }) => `${name}=${value}`).toSorted();
  });
  const isMysql = variables.some((variable) => variable.startsWith('server_uuid='));
  const made = await database.run(async (queries) => {
    const { rows } = await sql<{ readonly name: string; readonly made: string | null }>`
      SELECT table_schema AS name, CAST(create_time AS CHAR) AS made
        FROM information_schema.tables
       WHERE table_schema = DATABASE() AND table_name = ${WITNESS}
    `.execute(queries);
    return rows.map((row) => `${row.name} ${isMysql ? (row.made ?? '') : ''}`);
  });
  return createHash('sha256')
    .update([...variables, ...made].join('\n'))
    .digest('hex')
    .slice(0, IDENTITY_LENGTH);
}

const IDENTITY_LENGTH = 32;
