import { toError, type Clock, type Reason } from '#pkg/base';
import type { Logger } from '#pkg/observability';
import type { Signals } from '#pkg/queues';
import { startRounds, type SubmitWorkflow } from '#pkg/steps';
import type { ScheduleRun, Store } from '#pkg/store';
import { planDueRuns, type DueRun } from './due.ts';
import { scheduleKeyOf, validateTimetable, type TimetableEntry } from './entry.ts';
import { holdLease } from './leases/index.ts';

export interface SchedulerDependencies {
  readonly store: Pick<Store, 'steps' | 'leases' | 'scheduleRuns'>;
  readonly signals: Signals;
  readonly submit: SubmitWorkflow;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Unique for this process. */
  readonly holder: string;
  readonly entries: readonly TimetableEntry[];
  /** Why an entry is held now; asked at each instant. */
  readonly gate?: (entry: TimetableEntry) => Promise<Reason | undefined>;
  /** Told what came of each instant, once it is written. */
  readonly onAnswered?: (entry: TimetableEntry, result: RunOutcome['result']) => void;
}

export interface Scheduler extends AsyncDisposable {
  /** True in the one process that answers the timetable. */
  isLeader(): boolean;
}

export const SCHEDULER_LEASE = 'scheduler';
const LEASE_TTL_MS = 6_000;
/** Looks at least so often, whatever the clock does. */
const LOOK_MS_MAX = 30_000;
/** Longest wait for the entries that must finish first. */
const PREREQUISITE_WAIT_MS_MAX = 10 * 60_000;
const PREREQUISITE_LOOK_MS = 2_000;
/** Half a minute in all. */
const TRIES_MAX = 8;
const RETRY_MS = 1_000;

/** Starts a scheduler: while it holds the lease, it answers each instant once. Throws TimetableError for unusable entries. */
export function createScheduler(dependencies: SchedulerDependencies): Scheduler {
  validateTimetable(dependencies.entries);
  const { store, signals, clock, logger, holder } = dependencies;
  const sinceMs = clock.nowMs();
  const answering = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  const lease = holdLease(
    { leases: store.leases, signals, clock, logger },
    {
      name: SCHEDULER_LEASE,
      holder,
      ttlMs: LEASE_TTL_MS,
      onAcquired: () => rounds.kick(),
    },
  );
  const look = async (): Promise<number> => {
    if (!lease.isHeld()) return LOOK_MS_MAX;
    const runs = await store.scheduleRuns.listNewest();
    const newest = new Map(runs.map((run) => [run.entry, run]));
    const nowMs = clock.nowMs();
    const plan = planDueRuns(dependencies.entries, newest, { nowMs, sinceMs });
    for (const run of plan.due) {
      const { name } = run.entry;
      if (answering.has(name)) continue;
      const done = answer(dependencies, run, stopping.signal).finally(() => answering.delete(name));
      answering.set(name, done);
    }
    const untilNextMs = (plan.nextAtMs ?? Number.POSITIVE_INFINITY) - clock.nowMs();
    return Math.max(1, Math.min(LOOK_MS_MAX, untilNextMs));
  };
  const rounds = startRounds({ clock, logger }, 'schedule', look);
  return {
    isLeader: () => lease.isHeld(),
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await rounds[Symbol.asyncDispose]();
      await Promise.all(answering.values());
      await lease[Symbol.asyncDispose]();
    },
  };
}

/**
 * Answers one instant and writes what came of it. Never rejects.
 *
 * A failure (a statement that took too long, a database that is away) is tried again: the next instant may be an hour
 * off, and much waits for some. Nothing is submitted twice, because the instant is part of the key.
 */
async function answer(
  dependencies: SchedulerDependencies,
  run: DueRun,
  stopping: AbortSignal,
): Promise<void> {
  const { store, clock, logger } = dependencies;
  const { entry, dueAtMs } = run;
  let { isRepeat } = run;
  for (let tried = 1; ; tried += 1) {
    try {
      await tryToAnswer(dependencies, { ...run, isRepeat }, stopping);
      return;
    } catch (error) {
      const message = 'instant of the timetable failed';
      logger.error({ err: toError(error), entry: entry.name, tried }, message);
    }
    if (tried === TRIES_MAX) break;
    await clock.sleep(RETRY_MS * tried, stopping);
    // The next leader repeats what is begun and not finished.
    if (stopping.aborted) return;
    isRepeat = true;
  }
  await store.scheduleRuns
    .finish(entry.name, dueAtMs, { result: 'failed', reason: undefined, nowMs: clock.nowMs() })
    .catch((lost: unknown) => {
      logger.warn({ err: toError(lost), entry: entry.name }, 'failure of an instant not written');
    });
  dependencies.onAnswered?.(entry, 'failed');
}

async function tryToAnswer(
  dependencies: SchedulerDependencies,
  run: DueRun,
  stopping: AbortSignal,
): Promise<void> {
  const { store, clock, logger } = dependencies;
  const { entry, dueAtMs, isRepeat } = run;
  // A try whose reply was lost may have begun it: then it is ours all the same.
  const hasBegun = await store.scheduleRuns.begin(entry.name, dueAtMs, clock.nowMs());
  if (!hasBegun && !isRepeat) return;
  const outcome = await decide(dependencies, run, stopping);
  if (outcome === undefined) return;
  // Held still, by what held it before: that stands in the row.
  if (outcome.reason !== undefined && outcome.reason === run.heldBy) return;
  await store.scheduleRuns.finish(entry.name, dueAtMs, { ...outcome, nowMs: clock.nowMs() });
  dependencies.onAnswered?.(entry, outcome.result);
  logger.info({ entry: entry.name, dueAtMs, ...outcome }, 'instant of the timetable answered');
}

type RunOutcome = Pick<ScheduleRun, 'result' | 'reason'>;

/** Undefined when the scheduler stops first: the next leader repeats the run. */
async function decide(
  dependencies: SchedulerDependencies,
  run: DueRun,
  stopping: AbortSignal,
): Promise<RunOutcome | undefined> {
  const { entry, dueAtMs } = run;
  const gated = await dependencies.gate?.(entry);
  if (gated !== undefined) return { result: 'held', reason: gated };
  const isReady = await waitForPrerequisites(dependencies, entry, stopping);
  if (stopping.aborted) return undefined;
  if (!isReady) return { result: 'held', reason: 'PrerequisiteUnfinished' };
  const submission = await dependencies.submit(entry.workflow, undefined, {
    dedupeKey: scheduleKeyOf(entry.name),
    onceKey: `${scheduleKeyOf(entry.name)}:${dueAtMs}`,
  });
  const isHeld = submission.kind === 'duplicate' && (!run.isRepeat || run.heldBy !== undefined);
  if (isHeld) return { result: 'held', reason: 'LastRunUnfinished' };
  return { result: 'submitted', reason: undefined };
}

async function waitForPrerequisites(
  dependencies: SchedulerDependencies,
  entry: TimetableEntry,
  stopping: AbortSignal,
): Promise<boolean> {
  const { signals, clock } = dependencies;
  const names = entry.after ?? [];
  if (names.length === 0) return true;
  const untilMs = clock.monotonicMs() + PREREQUISITE_WAIT_MS_MAX;
  let wakeUp = new AbortController();
  const unsubscribe = await signals.subscribe('ended', () => wakeUp.abort());
  const stop = (): void => wakeUp.abort();
  stopping.addEventListener('abort', stop, { once: true });
  try {
    while (!stopping.aborted && clock.monotonicMs() < untilMs) {
      wakeUp = new AbortController();
      if (await haveFinished(dependencies, names)) return true;
      await clock.sleep(PREREQUISITE_LOOK_MS, wakeUp.signal);
    }
    return false;
  } finally {
    stopping.removeEventListener('abort', stop);
    await unsubscribe();
  }
}

async function haveFinished(
  dependencies: SchedulerDependencies,
  names: readonly string[],
): Promise<boolean> {
  for (const name of names) {
    const [newest] = await dependencies.store.steps.listWorkflows({
      dedupeKey: scheduleKeyOf(name),
      limit: 1,
    });
    if (newest?.finishedAtMs === undefined) return false;
  }
  return true;
}
