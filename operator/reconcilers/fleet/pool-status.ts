import { LABELS, type WorkerPoolStatus } from '#operator/api';
import { no, toConditions, yes } from './conditions.ts';
import { isServing, type FleetView, type WorkloadView } from './fleet-view.ts';
import type { Observed } from './observed.ts';
import type { OperationsPlan } from './operations.ts';
import type { PooledSlots } from './plan-slots.ts';

/** Returns what `kubectl get kwp` shows of every pool that exists. */
export function describePools(
  view: FleetView,
  slots: ReadonlyMap<string, PooledSlots>,
  { fleet, nowMs }: Observed,
): OperationsPlan['poolStatuses'] {
  return view.boxes
    .flatMap(({ workloads }) => workloads)
    .flatMap((each) => {
      const { pool } = each;
      if (pool === undefined) return [];
      const verdict = judge(each, slots.get(each.workload.name));
      const status: WorkerPoolStatus = {
        observedGeneration: pool.metadata.generation ?? 0,
        slots: acknowledged(each),
        busy: each.facts?.lanes.find(({ name }) => name === each.workload.lane)?.busy ?? 0,
        selector: selectorOf(fleet.metadata.name, each),
        conditions: toConditions({ Ready: verdict }, pool, nowMs),
      };
      return [{ name: pool.metadata.name, status }];
    });
}

/** Slots by which the worker acts, as it says itself; what it was told where nobody can ask it. */
function acknowledged(each: WorkloadView): number {
  const { lane = '' } = each.workload;
  const said = each.facts?.lanes.find(({ name }) => name === lane);
  return said?.slots ?? (each.readySinceMs === undefined ? 0 : (each.orders?.lanes[lane] ?? 0));
}

function judge(each: WorkloadView, slots: PooledSlots | undefined) {
  if (slots !== undefined && slots.told !== slots.wanted) {
    return no(
      'LastConsumer',
      `nobody else takes steps of ${each.workload.lane}: ${slots.told} slots stay`,
    );
  }
  if (each.failure !== undefined) return no('PodsFailing', `its pod fails (${each.failure})`);
  if (each.orders?.isDraining === true) return no('BoxDraining', 'its box takes nothing more');
  return isServing(each) || each.isServedByOldPod
    ? yes('FleetReady', 'its worker takes steps')
    : no('PodsStarting', 'its pod is not ready');
}

function selectorOf(fleet: string, { workload }: WorkloadView): string {
  return [
    `${LABELS.fleet}=${fleet}`,
    `${LABELS.workload}=${workload.kind}`,
    `${LABELS.box}=${workload.box}`,
    `${LABELS.lane}=${workload.lane ?? ''}`,
  ].join(',');
}
