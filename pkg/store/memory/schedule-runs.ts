import type { ScheduleRun, ScheduleRunStore } from '../store.ts';
import { orderBy } from './order-by.ts';

/** Returns the runs of the timetable in memory. */
export function createMemoryScheduleRunStore(): ScheduleRunStore {
  const runs = new Map<string, ScheduleRun>();
  const newest = new Map<string, ScheduleRun>();
  const put = (run: ScheduleRun): void => {
    runs.set(`${run.entry} ${run.dueAtMs}`, run);
    const standing = newest.get(run.entry);
    if (standing === undefined || standing.dueAtMs <= run.dueAtMs) newest.set(run.entry, run);
  };
  return {
    begin: async (entry, dueAtMs, nowMs) => {
      const key = `${entry} ${dueAtMs}`;
      if (runs.has(key)) return false;
      put({
        entry,
        dueAtMs,
        startedAtMs: nowMs,
        finishedAtMs: undefined,
        result: 'running',
        reason: undefined,
      });
      return true;
    },
    finish: async (entry, dueAtMs, { result, reason, nowMs }) => {
      const key = `${entry} ${dueAtMs}`;
      const run = runs.get(key);
      if (run !== undefined) put({ ...run, result, reason, finishedAtMs: nowMs });
    },
    prune: async (beforeMs) => {
      const old = [...runs].filter(
        ([, run]) => run.dueAtMs < beforeMs && newest.get(run.entry)?.dueAtMs !== run.dueAtMs,
      );
      for (const [key] of old) runs.delete(key);
      return old.length;
    },
    listNewest: async () => [...newest.values()].toSorted(orderBy((run) => run.entry)),
  };
}
