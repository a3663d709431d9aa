import type { Reason } from '#pkg/base';
import type { Store, StepRow, WorkflowRow } from '#pkg/store';

import { DISPATCHER_LEASE } from './dispatcher/dispatcher.ts';

/** An idle worker beats every 3 s; one that was silent this long serves nothing. */
const SILENT_MS_MAX = 5_000;
const SUBMITTED_MAX = 1_000;

/** Work that nobody takes up now, and why. */
export interface EngineWait {
  readonly what: 'workflows' | 'steps';
  /** How many wait; at most 1,000 of workflows are counted. */
  readonly count: number;
  readonly reason: Extract<Reason, 'DispatcherAway' | 'LaneUnserved'>;
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

/** Reads who is there to take work up, and what waits for those who are not. */
export async function readEngineWaits(
  store: Pick<Store, 'steps' | 'leases' | 'workers'>,
): Promise<EngineWaits> {
  const [lease, workers, counts, submitted] = await Promise.all([
    store.leases.find(DISPATCHER_LEASE),
    store.workers.list(),
    store.steps.countByLane(),
    store.steps.listWorkflows({ state: 'submitted', limit: SUBMITTED_MAX }),
  ]);
  const isDispatcherAway = lease === undefined || lease.remainingMs <= 0;
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
        ? [{ what: 'workflows', count: submitted.length, reason: 'DispatcherAway' } as const]
        : []),
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
      state === 'submitted' && isDispatcherAway ? 'DispatcherAway' : reason,
    reasonOfStep: (step) =>
      step.state === 'ready' && isUnserved(step) ? 'LaneUnserved' : step.reason,
  };
}

function keyOf(lane: string, box: string | undefined): string {
  return lane === 'own' ? `${lane}/${box ?? ''}` : lane;
}
