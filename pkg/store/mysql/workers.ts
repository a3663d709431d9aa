import { sql } from 'kysely';

import { id } from '#pkg/domain';
import type { WorkerBeat, WorkerRow, WorkerStore } from '../store.ts';
import {
  DATABASE_NOW,
  databaseIn,
  instantMs,
  orNull,
  orUndefined,
  readJson,
  replacing,
  untilMs,
} from './columns.ts';
import type { MysqlDatabase } from './database.ts';

const INSERTED = 1n;

/** Returns the heartbeats of `database`, by its own clock. */
export function createMysqlWorkerStore(database: MysqlDatabase): WorkerStore {
  return {
    beat: async (beat, ttlMs) => {
      const isFirst = await writeBeat(database, beat, ttlMs);
      if (isFirst) await forgetLongDead(database);
    },
    leave: async (workerId) => {
      await database.run((queries) =>
        queries.deleteFrom('workers').where('id', '=', workerId).execute(),
      );
    },
    list: () => list(database),
  };
}

async function writeBeat(
  database: MysqlDatabase,
  beat: WorkerBeat,
  ttlMs: number,
): Promise<boolean> {
  const result = await database.run((queries) =>
    queries
      .insertInto('workers')
      .values({
        id: beat.workerId,
        box: beat.box,
        process: beat.process,
        pid: beat.pid,
        version: beat.version,
        lanes: JSON.stringify(beat.lanes),
        generation: beat.generation,
        state: beat.state,
        reason: orNull(beat.reason),
        started_at: DATABASE_NOW,
        beat_at: DATABASE_NOW,
        live_until: databaseIn(ttlMs),
      })
      .onDuplicateKeyUpdate(
        replacing([
          'box',
          'process',
          'pid',
          'version',
          'lanes',
          'generation',
          'state',
          'reason',
          'beat_at',
          'live_until',
        ]),
      )
      .executeTakeFirstOrThrow(),
  );
  return result.numInsertedOrUpdatedRows === INSERTED;
}

/** A worker that crashed leaves its row; its id never comes back. */
async function forgetLongDead(database: MysqlDatabase): Promise<void> {
  await database.run((queries) =>
    queries
      .deleteFrom('workers')
      .where(sql<boolean>`live_until < NOW(3) - INTERVAL 1 DAY`)
      .execute(),
  );
}

async function list(database: MysqlDatabase): Promise<readonly WorkerRow[]> {
  const rows = await database.run((queries) =>
    queries
      .selectFrom('workers')
      .select(['id', 'box', 'process', 'pid', 'version', 'lanes', 'generation', 'state', 'reason'])
      .select(instantMs('started_at').as('started_at_ms'))
      .select(untilMs('beat_at').as('until_beat_ms'))
      .orderBy('box')
      .orderBy('process')
      .orderBy('id')
      .execute(),
  );
  return rows.map((row) => ({
    workerId: row.id,
    box: id(row.box),
    process: row.process,
    pid: row.pid,
    version: row.version,
    lanes: readJson(row.lanes),
    generation: row.generation,
    state: row.state as WorkerRow['state'],
    reason: orUndefined(row.reason) as WorkerRow['reason'],
    startedAtMs: row.started_at_ms,
    beatAgeMs: Math.max(0, -row.until_beat_ms),
  }));
}
