import { sql, type Selectable } from 'kysely';

import type { Reason } from '#pkg/base';
import { id } from '#pkg/domain';
import type { AccountStreamRow, AccountStreamStore } from '../stream-rows.ts';
import { orNull, orUndefined } from './columns.ts';
import type { MysqlDatabase } from './database.ts';
import type { AccountStreamsTable } from './tables.ts';

/** Returns the states of the accounts' streams of `database`. */
export function createMysqlAccountStreamStore(database: MysqlDatabase): AccountStreamStore {
  const newer = (column: string) =>
    sql<never>`IF(VALUES(epoch) >= epoch, VALUES(${sql.ref(column)}), ${sql.ref(column)})`;
  return {
    // Assignments run from left to right, so `epoch`, which the others ask, comes last.
    save: async (row) => {
      await database.run((queries) =>
        queries
          .insertInto('account_streams')
          .values({
            account_id: row.accountId,
            epoch: row.epoch,
            reason: orNull(row.reason),
            since_ms: row.sinceMs,
            dead_letters: row.deadLetters,
          })
          .onDuplicateKeyUpdate({
            reason: newer('reason'),
            since_ms: newer('since_ms'),
            dead_letters: newer('dead_letters'),
            epoch: newer('epoch'),
          })
          .execute(),
      );
    },
    find: async (accountId) => {
      const row = await database.run((queries) =>
        queries
          .selectFrom('account_streams')
          .selectAll()
          .where('account_id', '=', accountId)
          .executeTakeFirst(),
      );
      return row === undefined ? undefined : toRow(row);
    },
    list: async () => {
      const rows = await database.run((queries) =>
        queries.selectFrom('account_streams').selectAll().orderBy('account_id').execute(),
      );
      return rows.map(toRow);
    },
  };
}

function toRow(row: Selectable<AccountStreamsTable>): AccountStreamRow {
  return {
    accountId: id(row.account_id),
    epoch: row.epoch,
    reason: orUndefined(row.reason) as Reason | undefined,
    sinceMs: row.since_ms,
    deadLetters: row.dead_letters,
  };
}
