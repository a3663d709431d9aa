import { sql, type Selectable } from 'kysely';

import { required } from '#pkg/base';
import { id } from '#pkg/domain';
import { completeEvent, settledPrefix } from '../rules/event-rules.ts';
import type { EventStore, FleetEvent, NewFleetEvent } from '../store.ts';
import { DATABASE_NOW, orNull, orUndefined } from './columns.ts';
import type { MysqlDatabase, Queries } from './database.ts';
import { holdLeases } from './leases.ts';
import type { EventsTable } from './tables.ts';

/** Returns the events outbox of `database`. */
export function createMysqlEventStore(database: MysqlDatabase): EventStore {
  return {
    append: (event) => append(database, event),
    prune: async ({ beforeMs, limit, lease }) => {
      const oldest = await database.run((queries) =>
        queries
          .selectFrom('events')
          .select('sequence')
          .orderBy('sequence')
          .limit(1)
          .executeTakeFirst(),
      );
      if (oldest === undefined) return 0;
      // A range of the primary key, so that nothing else of the table is read.
      const remove = async (queries: Queries): Promise<number> => {
        const result = await queries
          .deleteFrom('events')
          .where('sequence', '<', oldest.sequence + limit)
          .where('at_ms', '<', beforeMs)
          .executeTakeFirst();
        return Number(result.numDeletedRows);
      };
      if (lease === undefined) return database.run(remove);
      return database.transact(async (queries) =>
        (await holdLeases(queries, [lease]))(lease) ? remove(queries) : 0,
      );
    },
    listAfter: async (sequence, limit) => {
      const rows = await database.run((queries) =>
        queries
          .selectFrom('events')
          .selectAll()
          .select(sql<number>`TIMESTAMPDIFF(MICROSECOND, stored_at, NOW(3)) DIV 1000`.as('age_ms'))
          .where('sequence', '>', sequence)
          .orderBy('sequence')
          .limit(limit)
          .execute(),
      );
      return settledPrefix(
        sequence,
        rows.map((row) => ({ event: readEvent(row), ageMs: row.age_ms })),
      );
    },
    listNewest: async (limit, filter) => {
      const rows = await database.run((queries) => {
        const all = queries.selectFrom('events').selectAll();
        const chosen =
          filter?.positionId === undefined ? all : all.where('position_id', '=', filter.positionId);
        return chosen.orderBy('sequence', 'desc').limit(limit).execute();
      });
      return rows.map(readEvent).toReversed();
    },
  };
}

async function append(database: MysqlDatabase, event: NewFleetEvent): Promise<FleetEvent> {
  const result = await database.run((queries) =>
    queries
      .insertInto('events')
      .values({
        at_ms: event.atMs,
        stored_at: DATABASE_NOW,
        kind: event.kind,
        box: orNull(event.box),
        account_id: orNull(event.accountId),
        position_id: orNull(event.positionId),
        symbol: orNull(event.symbol),
        reason: orNull(event.reason),
        message: event.message,
      })
      .executeTakeFirstOrThrow(),
  );
  return completeEvent(event, Number(required(result.insertId, 'An event row has a sequence.')));
}

function readEvent(row: Selectable<EventsTable>): FleetEvent {
  return {
    sequence: row.sequence,
    atMs: row.at_ms,
    kind: row.kind,
    box: orUndefined(row.box),
    accountId: row.account_id === null ? undefined : id(row.account_id),
    positionId: row.position_id === null ? undefined : id(row.position_id),
    symbol: row.symbol === null ? undefined : id(row.symbol),
    reason: orUndefined(row.reason) as FleetEvent['reason'],
    message: row.message,
  };
}
