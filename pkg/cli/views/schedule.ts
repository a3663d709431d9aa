import { formatInstant } from '#pkg/base';
import { MODES, readMode, type Mode } from '#pkg/modes';
import { formatAge } from '../format/words.ts';
import type { ReadingView } from './view.ts';

/** One entry of the timetable with its next run and its last. */
export interface ScheduleRow {
  readonly entry: string;
  readonly purpose: string;
  readonly lane: string;
  readonly cadence: string;
  readonly heldIn: readonly string[];
  readonly after: readonly string[];
  readonly nextAt: string | null;
  /** Why the next run would be held if it were due now. */
  readonly holds: string | null;
  readonly lastDueAt: string | null;
  readonly lastStartedAt: string | null;
  /** `submitted` became a workflow, whose state is `outcome`. */
  readonly lastResult: string | null;
  readonly lastReason: string | null;
  readonly outcome: string | null;
  /** From the submission to the end of the last workflow; null while it has not ended. */
  readonly tookMs: number | null;
  readonly workflow: string | null;
  /** For how long the last workflow is unfinished beyond what the entry allows. */
  readonly overdueMs: number | null;
}

export const SCHEDULE_VIEW: ReadingView<ScheduleRow> = {
  columns: [
    { header: 'ENTRY', value: ({ entry }) => entry },
    { header: 'WHEN', value: ({ cadence }) => cadence },
    { header: 'LANE', value: ({ lane }) => lane },
    { header: 'NEXT', value: ({ nextAt }) => nextAt?.slice(11, 19) ?? 'never', align: 'right' },
    { header: 'LAST', value: ({ lastDueAt }) => lastDueAt?.slice(11, 19) ?? '', align: 'right' },
    {
      header: 'RESULT',
      value: ({ lastResult, outcome }) => (lastResult === 'submitted' ? outcome : lastResult) ?? '',
    },
    {
      header: 'TOOK',
      value: ({ tookMs }) => (tookMs === null ? '' : formatAge(tookMs)),
      align: 'right',
    },
    { header: 'REASON', value: ({ holds, lastReason }) => holds ?? lastReason ?? '' },
    { header: 'HELD IN', value: ({ heldIn }) => heldIn.join(','), isWide: true },
    { header: 'WORKFLOW', value: ({ workflow }) => workflow ?? '', isWide: true },
    { header: 'PURPOSE', value: ({ purpose }) => purpose, isWide: true },
  ],
  whenEmpty: 'the timetable is empty',
  key: ({ entry }) => entry,
  read: async ({ reader: { store }, nowMs }) => {
    // Loaded late: with it comes the whole trade, which other verbs do not need.
    const [{ TIMETABLE }, { laneOf, nextDueAtMs, scheduleKeyOf }] = await Promise.all([
      import('#pkg/trade'),
      import('#pkg/schedule'),
    ]);
    const [runs, { name: mode }] = await Promise.all([
      store.scheduleRuns.listNewest(),
      readMode(store.settings, nowMs),
    ]);
    const { reason }: Mode = MODES[mode];
    return Promise.all(
      TIMETABLE.map(async (entry): Promise<ScheduleRow> => {
        const run = runs.find((each) => each.entry === entry.name);
        const [workflow] = await store.steps.listWorkflows({
          dedupeKey: scheduleKeyOf(entry.name),
          limit: 1,
        });
        const nextAtMs = nextDueAtMs(entry, nowMs);
        const ageMs =
          workflow === undefined || workflow.finishedAtMs !== undefined
            ? 0
            : nowMs - workflow.submittedAtMs;
        return {
          entry: entry.name,
          purpose: entry.purpose,
          lane: laneOf(entry),
          cadence: entry.cron ?? `every ${formatAge(entry.everyMs)}`,
          heldIn: entry.heldIn,
          after: entry.after ?? [],
          nextAt: instant(nextAtMs),
          holds: entry.heldIn.includes(mode) ? (reason ?? null) : null,
          lastDueAt: instant(run?.dueAtMs),
          lastStartedAt: instant(run?.startedAtMs),
          lastResult: run?.result ?? null,
          lastReason: run?.reason ?? null,
          outcome: workflow?.state ?? null,
          tookMs:
            workflow?.finishedAtMs === undefined
              ? null
              : workflow.finishedAtMs - workflow.submittedAtMs,
          workflow: workflow?.id ?? null,
          overdueMs: ageMs > entry.overlapMsMax ? ageMs - entry.overlapMsMax : null,
        };
      }),
    );
  },
};

function instant(timeMs: number | undefined): string | null {
  return timeMs === undefined ? null : formatInstant(timeMs);
}
