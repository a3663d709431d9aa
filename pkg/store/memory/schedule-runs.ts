import type { ScheduleRun, ScheduleRunStore } from '../store.ts';
import { orderBy } from './order-by.ts';

/** Returns the runs of the timetable in memory. */
export function createMemoryScheduleRunStore(): ScheduleRunStore {
  const runs = new Map<string, ScheduleRun>();
  return {
    begin: async (entry, dueAtMs, nowMs) => {
      const key = `${entry} ${dueAtMs}`;
      if (runs.has(key)) return false;
      runs.set(key, {
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
      if (run !== undefined) runs.set(key, { ...run, result, reason, finishedAtMs: nowMs });
    },
    listNewest: async () => {
      const newest = new Map<string, ScheduleRun>();
      for (const run of runs.values()) {
        const standing = newest.get(run.entry);
        if (standing === undefined || standing.dueAtMs < run.dueAtMs) newest.set(run.entry, run);
      }
      return [...newest.values()].toSorted(orderBy((run) => run.entry));
    },
  };
}
