import type { Account, Position } from '#pkg/domain';
import { readMode, type StandingMode } from '#pkg/modes';
import { DISPATCHER_LEASE, readEngineWaits, type EngineWait } from '#pkg/steps';
import { believedStates, USER_STREAM_LEASE, type StepRow, type Store } from '#pkg/store';

import type { GuardDependencies } from '../dependencies.ts';
import { readDrift, type DriftRow } from '../drift/drift-rows.ts';

/** What the health signals judge, read at one moment. */
export interface HealthFacts {
  readonly nowMs: number;
  readonly mode: StandingMode;
  readonly accounts: readonly Account[];
  readonly positions: readonly Position[];
  readonly marks: Awaited<ReturnType<Store['prices']['list']>>;
  /** When a direction was last concluded, of any symbol. */
  readonly directionAtMs: number | undefined;
  readonly incompleteAccounts: readonly {
    readonly account: string;
    readonly deadLetters: number;
  }[];
  readonly engineWaits: readonly EngineWait[];
  readonly isDispatcherHere: boolean;
  readonly isSchedulerHere: boolean;
  readonly readyByLane: ReadonlyMap<string, number>;
  /** Failed steps that ended within the window of the engine's signals. */
  readonly failedSteps: readonly StepRow[];
  /** Positions that failed within that window. */
  readonly failedPositions: readonly Position[];
  /** Runs of the timetable that are not finished. */
  readonly scheduled: readonly {
    readonly entry: string;
    readonly submittedAtMs: number;
    readonly overlapMsMax: number;
  }[];
  readonly drift: readonly DriftRow[];
}

/** The engine's health is judged over so long. Source: the predecessor's drift scope 4. */
export const ENGINE_WINDOW_MS = 20 * 60_000;
/** The scheduler's lease; its name is the schedule's, which stands above this module. */
const SCHEDULER_LEASE = 'scheduler';
const SCHEDULE_KEY = 'schedule:';
const READ_MAX = 500;

/** Reads everything that the signals ask about. Rejects with StoreUnavailableError. */
export async function readHealthFacts({
  store,
  clock,
  overlapMsMaxOf,
}: Pick<GuardDependencies, 'store' | 'clock' | 'overlapMsMaxOf'>): Promise<HealthFacts> {
  const nowMs = clock.nowMs();
  const [mode, accounts, positions, recent, marks, symbols, streams, lease] = await Promise.all([
    readMode(store.settings, nowMs),
    store.accounts.list(),
    store.positions.listOpen(),
    store.positions.list({ limit: READ_MAX }),
    store.prices.list(),
    store.symbols.list(),
    store.accountStreams.list(),
    store.leases.find(USER_STREAM_LEASE),
  ]);
  const [engine, dispatcher, scheduler, counts, failed, running, submitted, drift] =
    await Promise.all([
      readEngineWaits(store),
      store.leases.find(DISPATCHER_LEASE),
      store.leases.find(SCHEDULER_LEASE),
      store.steps.countByLane(),
      store.steps.listSteps({ state: 'failed', limit: READ_MAX }),
      store.steps.listWorkflows({ state: 'running', limit: READ_MAX }),
      store.steps.listWorkflows({ state: 'submitted', limit: READ_MAX }),
      readDrift(store.settings),
    ]);
  const isRecent = (timeMs: number | undefined): boolean =>
    timeMs !== undefined && nowMs - timeMs <= ENGINE_WINDOW_MS;
  const readyByLane = new Map<string, number>();
  for (const { lane, state, count } of counts) {
    if (state === 'ready') readyByLane.set(lane, (readyByLane.get(lane) ?? 0) + count);
  }
  const states = believedStates(
    accounts.map((account) => account.id),
    streams,
    lease,
  );
  const directionTimes = symbols.flatMap(({ directionAtMs }) => directionAtMs ?? []);
  return {
    nowMs,
    mode,
    accounts,
    positions,
    marks,
    directionAtMs: directionTimes.length === 0 ? undefined : Math.max(...directionTimes),
    incompleteAccounts: states.flatMap(({ reason, deadLetters }, at) =>
      reason === undefined && deadLetters === 0
        ? []
        : [{ account: accounts[at]?.name ?? 'unknown', deadLetters }],
    ),
    engineWaits: engine.waits,
    isDispatcherHere: dispatcher !== undefined && dispatcher.remainingMs > 0,
    isSchedulerHere: scheduler !== undefined && scheduler.remainingMs > 0,
    readyByLane,
    failedSteps: failed.filter(({ finishedAtMs }) => isRecent(finishedAtMs)),
    failedPositions: recent.filter(
      ({ status, updatedAtMs }) => status === 'failed' && isRecent(updatedAtMs),
    ),
    scheduled: [...running, ...submitted].flatMap(({ dedupeKey = '', submittedAtMs }) => {
      const entry = dedupeKey.startsWith(SCHEDULE_KEY) ? dedupeKey.slice(SCHEDULE_KEY.length) : '';
      const overlapMsMax = overlapMsMaxOf(entry);
      return overlapMsMax === undefined ? [] : [{ entry, submittedAtMs, overlapMsMax }];
    }),
    drift,
  };
}
