import type { Workload } from '#pkg/fleet-spec';
import type { FleetObject } from '#operator/api';
import type { FleetView, WorkloadView } from './fleet-view.ts';

/** How many slots a pool has, and what the fleet said about it when that was decided. */
export interface PooledSlots {
  /** What `spec.slots` of the pool is to be. */
  readonly wanted: number;
  /** What its worker is told: more than `wanted` where it is the last that takes steps of its lane. */
  readonly told: number;
  /** The fleet's own number, kept in the pool so that its change is seen. */
  readonly fleetSlots: number;
}

/**
 * Returns the slots of every worker, by the workload's name.
 *
 * With `slotsOwner: pool` the fleet's number holds when a pool is made and whenever it changes in the fleet; what
 * `kubectl scale` sets in between stays. With `fleet` its number always holds.
 */
export function planSlots(view: FleetView, fleet: FleetObject): ReadonlyMap<string, PooledSlots> {
  const workers = view.boxes
    .flatMap(({ workloads }) => workloads)
    .filter(({ workload }) => workload.kind === 'worker');
  const wanted = new Map(
    workers.map((each) => [each.workload.name, wantedSlots(each, fleet.spec.update.slotsOwner)]),
  );
  return new Map(
    workers.map((each) => {
      const { name } = each.workload;
      const slots = wanted.get(name) ?? 0;
      return [
        name,
        {
          wanted: slots,
          told: slots > 0 ? slots : keepLast(each, workers, wanted),
          fleetSlots: each.workload.slots ?? 0,
        },
      ];
    }),
  );
}

function wantedSlots({ workload, pool }: WorkloadView, slotsOwner: 'pool' | 'fleet'): number {
  const fleetSlots = workload.slots ?? 0;
  if (pool === undefined || slotsOwner === 'fleet') return fleetSlots;
  return pool.spec.fleetSlots === fleetSlots ? pool.spec.slots : fleetSlots;
}

/** A lane that somebody takes steps of never ends up with nobody: the last one keeps what it has. */
function keepLast(
  view: WorkloadView,
  workers: readonly WorkloadView[],
  wanted: ReadonlyMap<string, number>,
): number {
  const isElsewhere = workers.some(
    ({ workload }) =>
      workload.name !== view.workload.name &&
      sharesQueue(workload, view.workload) &&
      (wanted.get(workload.name) ?? 0) > 0,
  );
  if (isElsewhere) return 0;
  const keepers = workers.filter(
    (each) => sharesQueue(each.workload, view.workload) && slotsNow(each) > 0,
  );
  // The first of those that are left keeps the lane; the others may go.
  return keepers[0] === view ? slotsNow(view) : 0;
}

function slotsNow({ workload, orders }: WorkloadView): number {
  return orders?.lanes[workload.lane ?? ''] ?? 0;
}

/** Workers of one lane take from one queue; steps that are pinned to a box have a queue of their own. */
function sharesQueue(a: Workload, b: Workload): boolean {
  return a.lane === b.lane && (a.lane !== 'own' || a.box === b.box);
}
