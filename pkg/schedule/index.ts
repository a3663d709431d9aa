/**
 * schedule: the timetable as data, and the one process that answers it.
 *
 * Not a queue and not a job runner: an entry that is due becomes a workflow, nothing else. Invariants: an
 * instant is answered once even with two schedulers; an entry never runs beside its own last run; missed
 * instants are one run; UTC only. Leases, which other roles use too, are `#pkg/schedule/leases`.
 */
export type { Cadence } from './cadence.ts';
export type { DueRun } from './due.ts';
export { nextDueAtMs } from './cadence.ts';
export {
  defineEntry,
  laneOf,
  scheduleKeyOf,
  validateTimetable,
  type TimetableEntry,
} from './entry.ts';
export {
  createScheduler,
  SCHEDULER_LEASE,
  type Scheduler,
  type SchedulerDependencies,
} from './scheduler.ts';
