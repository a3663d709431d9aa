import { toError, type Reason } from '#pkg/base';
import type { QueueTrouble } from '#pkg/queues';
import { storeTrouble, type Store, type StepRow, type WorkflowRow } from '#pkg/store';

import { DISPATCHER_LEASE } from './dispatcher/dispatcher.ts';

/** An idle worker beats every 3 s; one that was silent this long serves nothing. */
const SILENT_MS_MAX = 5_000;
const SUBMITTED_MAX = 1_000;

/** Work that nobody takes up now, and why. */
export interface EngineWait {
  readonly what: 'workflows' | 'steps';
  /** How many wait; at most 1,000 of workflows are counted. */
  readonly count: number;
  readonly reason: Extract<
    Reason,
    'DispatcherAway' | 'LaneUnserved' | `Database${string}` | `Queues${string}`
  >;
  /** Of steps: the lane, and for the lane `own` the box. */
  readonly lane?: string | undefined;
}

/** What keeps work of the engine waiting that no row says: who would take it up is away. */
export interface EngineWaits {
  /** A dispatcher that is away stands here even while nothing waits for it. */
  readonly waits: readonly EngineWait[];
  readonly reasonOfWorkflow: (
    workflow: Pick<WorkflowRow, 'state' | 'reason'>,
  ) => Reason | undefined;
  readonly reasonOfStep: (
    step: Pick<StepRow, 'state' | 'reason' | 'lane' | 'box'>,
  ) => Reason | undefined;
}

/**
 * Reads who is there to take work up, and what waits for those who are not.
 *
 * `queueTrouble` is asked where the reader has a way to the lanes. Nobody renews a lease in a database that takes no write, so
 * that is asked, by a write, when the dispatcher seems to be away.
 */
export async function readEngineWaits(
  store: Pick<Store, 'steps' | 'leases' | 'workers'>,
  queueTrouble: () => Promise<QueueTrouble> = () => Promise.resolve(undefined),
): Promise<EngineWaits> {
  const [lease, workers, counts, submitted, queues] = await Promise.all([
    store.leases.find(DISPATCHER_LEASE),
    store.workers.list(),
    store.steps.countByLane(),
    store.steps.listWorkflows({ state: 'submitted', limit: SUBMITTED_MAX }),
    queueTrouble(),
  ]);
  const isDispatcherAway = lease === undefined || lease.remainingMs <= 0;
  const database = isDispatcherAway ? await findWriteTrouble(store.leases) : undefined;
  const away = database ?? 'DispatcherAway';
  const ready = counts
    .filter(({ state }) => state === 'ready')
    .reduce((sum, { count }) => sum + count, 0);
  const served = new Set(
    workers
      .filter(({ beatAgeMs }) => beatAgeMs <= SILENT_MS_MAX)
      .flatMap(({ box, lanes }) =>
        lanes.filter(({ slots }) => slots > 0).map(({ lane }) => keyOf(lane, box)),
      ),
  );
  const isUnserved = ({
    lane,
    box,
  }: {
    readonly lane: string;
    readonly box?: string | undefined;
  }) => !served.has(keyOf(lane, box));
  const unserved = counts.filter(
    ({ state, lane, box }) => state === 'ready' && isUnserved({ lane, box }),
  );
  return {
    waits: [
      ...(isDispatcherAway
        ? [{ what: 'workflows', count: submitted.length, reason: away } as const]
        : []),
      ...(queues === undefined ? [] : [{ what: 'steps', count: ready, reason: queues } as const]),
      ...unserved.map(
        ({ lane, box, count }) =>
          ({
            what: 'steps',
            count,
            reason: 'LaneUnserved',
            lane: box === undefined ? lane : `${lane} of ${box}`,
          }) as const,
      ),
    ],
    reasonOfWorkflow: ({ state, reason }) =>
      state === 'submitted' && isDispatcherAway ? away : reason,
    reasonOfStep: (step) =>
      step.state === 'ready'
        ? (database ?? queues ?? (isUnserved(step) ? 'LaneUnserved' : step.reason))
        : step.reason,
  };
}

/** A lease that nobody wants: taking it is the smallest write there is. */
const PROBE_LEASE = 'write-probe';

async function findWriteTrouble(
  leases: Store['leases'],
): Promise<Extract<Reason, `Database${string}`> | undefined> {
  try {
    await leases.acquire(PROBE_LEASE, 'whoever looks', 1);
    return undefined;
  } catch (error) {
    const reason = storeTrouble(toError(error));
    return reason.startsWith('Database') ? (reason as `Database${string}` & Reason) : undefined;
  }
}

function keyOf(lane: string, box: string | undefined): string {
  return lane === 'own' ? `${lane}/${box ?? ''}` : lane;
}
