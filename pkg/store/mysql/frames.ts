import { sql, type Selectable } from 'kysely';

import { id } from '#pkg/domain';
import type { Frame, FrameStore } from '../stream-rows.ts';
import { DATABASE_NOW } from './columns.ts';
import type { MysqlDatabase } from './database.ts';
import { findDuplicateKey } from './mysql-errors.ts';
import type { FramesTable } from './tables.ts';

/** Returns the frames of `database`. */
export function createMysqlFrameStore(database: MysqlDatabase): FrameStore {
  return {
    save: (frame) => save(database, frame),
    find: async (frameId) => {
      const row = await database.run((queries) =>
        queries.selectFrom('frames').selectAll().where('id', '=', frameId).executeTakeFirst(),
      );
      return row === undefined ? undefined : readFrame(row);
    },
    markApplied: async (frameId, nowMs) => {
      await database.run((queries) =>
        queries
          .updateTable('frames')
          .set({ applied_at_ms: nowMs })
          .where('id', '=', frameId)
          .where('applied_at_ms', 'is', null)
          .execute(),
      );
    },
    listUnapplied: async (olderThanMs, limit) => {
      const age = Math.round(olderThanMs * 1000);
      const rows = await database.run((queries) =>
        queries
          .selectFrom('frames')
          .selectAll()
          .where('applied_at_ms', 'is', null)
          .where(sql<boolean>`saved_at < NOW(3) - INTERVAL ${age} MICROSECOND`)
          .orderBy('saved_at')
          .orderBy('id')
          .limit(limit)
          .execute(),
      );
      return rows.map(readFrame);
    },
    prune: async ({ appliedBeforeMs, limit }) => {
      const result = await database.run((queries) =>
        queries
          .deleteFrom('frames')
          .where('applied_at_ms', '<', appliedBeforeMs)
          .orderBy('applied_at_ms')
          .limit(limit)
          .executeTakeFirst(),
      );
      return Number(result.numDeletedRows);
    },
  };
}

function save(database: MysqlDatabase, frame: Frame): Promise<'saved' | 'duplicate'> {
  return database.run(async (queries) => {
    try {
      await queries
        .insertInto('frames')
        .values({
          id: frame.id,
          account_id: frame.accountId,
          kind: frame.kind,
          fingerprint: frame.fingerprint,
          payload: frame.payload,
          received_at_ms: frame.receivedAtMs,
          saved_at: DATABASE_NOW,
          applied_at_ms: null,
        })
        .execute();
      return 'saved';
    } catch (error) {
      if (findDuplicateKey(error) === undefined) throw error;
      return 'duplicate';
    }
  });
}

function readFrame(row: Selectable<FramesTable>): Frame {
  return {
    id: row.id,
    accountId: id(row.account_id),
    kind: row.kind,
    fingerprint: row.fingerprint,
    payload: row.payload,
    receivedAtMs: row.received_at_ms,
  };
}
