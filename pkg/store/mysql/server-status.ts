import { sql } from 'kysely';

import type { MysqlDatabase } from './database.ts';

/** Status variables that MySQL and MariaDB have under the same names. Source: their manuals, server status variables. */
const NAMES = [
  'Threads_connected',
  'Threads_running',
  'Uptime',
  'Questions',
  'Com_commit',
  'Com_rollback',
  'Slow_queries',
  'Aborted_connects',
  'Innodb_row_lock_waits',
  'Innodb_row_lock_time',
  'Innodb_buffer_pool_reads',
  'Innodb_buffer_pool_read_requests',
  'Innodb_data_fsyncs',
  'Innodb_os_log_written',
];

/** Returns status variables of the server and its limit of connections. */
export async function readServerStatus(
  database: MysqlDatabase,
): Promise<ReadonlyMap<string, number>> {
  const read = (statement: ReturnType<typeof sql<StatusRow>>) =>
    database.run(async (queries) => (await statement.execute(queries)).rows);
  const rows = await Promise.all([
    read(sql<StatusRow>`SHOW GLOBAL STATUS WHERE Variable_name IN (${sql.join(NAMES)})`),
    read(sql<StatusRow>`SHOW GLOBAL VARIABLES LIKE 'max_connections'`),
  ]);
  return new Map(rows.flat().map((row) => [row.Variable_name, Number(row.Value)]));
}

interface StatusRow {
  readonly Variable_name: string;
  readonly Value: string;
}
