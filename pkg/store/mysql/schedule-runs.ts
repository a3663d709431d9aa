import type { ScheduleRun, ScheduleRunStore } from '../store.ts';
import { orNull, orUndefined } from './columns.ts';
import type { MysqlDatabase } from './database.ts';
import { findDuplicateKey } from './mysql-errors.ts';

/** Returns the runs of the timetable of `database`. */
export function createMysqlScheduleRunStore(database: MysqlDatabase): ScheduleRunStore {
  return {
    begin: (entry, dueAtMs, nowMs) =>
      database.run(async (queries) => {
        try {
          await queries
            .insertInto('schedule_runs')
            .values({
              entry,
              due_at_ms: dueAtMs,
              started_at_ms: nowMs,
              finished_at_ms: null,
              result: 'running',
              reason: null,
            })
            .execute();
          return true;
        } catch (error) {
          if (findDuplicateKey(error) === undefined) throw error;
          return false;
        }
      }),
    finish: async (entry, dueAtMs, run) => {
      await database.run((queries) =>
        queries
          .updateTable('schedule_runs')
          .set({ result: run.result, reason: orNull(run.reason), finished_at_ms: run.nowMs })
          .where('entry', '=', entry)
          .where('due_at_ms', '=', dueAtMs)
          .execute(),
      );
    },
    prune: async (beforeMs) => {
      let removed = 0;
      for (const { entry, dueAtMs } of await listNewest(database)) {
        const [result] = await database.run((queries) =>
          queries
            .deleteFrom('schedule_runs')
            .where('entry', '=', entry)
            .where('due_at_ms', '<', Math.min(beforeMs, dueAtMs))
            .execute(),
        );
        removed += Number(result?.numDeletedRows ?? 0);
      }
      return removed;
    },
    listNewest: () => listNewest(database),
  };
}

async function listNewest(database: MysqlDatabase): Promise<readonly ScheduleRun[]> {
  const rows = await database.run((queries) =>
    queries
      .selectFrom('schedule_runs as run')
      .innerJoin(
        (all) =>
          all
            .selectFrom('schedule_runs')
            .select((expression) => ['entry', expression.fn.max('due_at_ms').as('due_at_ms')])
            .groupBy('entry')
            .as('newest'),
        (join) =>
          join
            .onRef('newest.entry', '=', 'run.entry')
            .onRef('newest.due_at_ms', '=', 'run.due_at_ms'),
      )
      .selectAll('run')
      .orderBy('run.entry')
      .execute(),
  );
  return rows.map((row) => ({
    entry: row.entry,
    dueAtMs: row.due_at_ms,
    startedAtMs: row.started_at_ms,
    finishedAtMs: orUndefined(row.finished_at_ms),
    result: row.result as ScheduleRun['result'],
    reason: orUndefined(row.reason) as ScheduleRun['reason'],
  }));
}
