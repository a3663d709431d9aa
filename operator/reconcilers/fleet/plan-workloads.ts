import { formatInstant } from '#pkg/base';
import { ANNOTATIONS } from '#operator/api';
import {
  buildDisruptionBudget,
  buildWorkerPool,
  buildWorkloadConfig,
  type FleetContext,
} from '#operator/resources';
import { refOf, type KubeObject } from '#operator/runtime';
import { isDrained, isServer, isWorker, type FleetView, type WorkloadView } from './fleet-view.ts';
import { buildOnce } from './build-once.ts';
import { withAnnotation, withAppliedHash } from './in-place.ts';
import { isTerminating } from './kube-fields.ts';
import type { Operation } from './operations.ts';
import type { PooledSlots } from './plan-slots.ts';

/** Who may do what to the workloads now. */
export interface WorkloadOrders {
  readonly nowMs: number;
  readonly draining: ReadonlySet<string>;
  readonly replaceable: ReadonlySet<string>;
  readonly slots: ReadonlyMap<string, PooledSlots>;
}

export interface PlannedWorkloads {
  /** What is to be there; whoever writes it skips what is in place. */
  readonly objects: readonly KubeObject[];
  readonly touches: readonly Operation[];
}

/**
 * Plans the objects of every workload: what its worker is told before the pod that reads it, its budget, its pool.
 *
 * All of one kind stand together, since those may be written side by side. A workload whose pods would be replaced and may not be yet keeps the object that it has.
 */
export function planWorkloads(
  context: FleetContext,
  view: FleetView,
  orders: WorkloadOrders,
): PlannedWorkloads {
  const told: KubeObject[] = [];
  const pools: KubeObject[] = [];
  const wanted: KubeObject[] = [];
  const budgets: KubeObject[] = [];
  const touches: Operation[] = [];
  for (const each of view.boxes.flatMap(({ workloads }) => workloads)) {
    if (isWorker(each)) {
      const config = planConfig(context, each, orders);
      told.push(config.object);
      pools.push(planPool(context, each, orders));
      touches.push(...touchPods(each, config.generation));
    }
    if (!each.isOutdated || orders.replaceable.has(each.workload.name)) wanted.push(each.wanted);
    if (!isServer(each)) {
      const isOpen = orders.draining.has(each.workload.name) && isDrained(each);
      const build = () => buildDisruptionBudget(context, each.workload, { isOpen });
      budgets.push(buildOnce(context, `budget ${each.workload.name}`, String(isOpen), build));
    }
  }
  return { objects: [...told, ...pools, ...wanted, ...budgets], touches };
}

function planConfig(
  context: FleetContext,
  view: WorkloadView,
  { nowMs, draining, slots }: WorkloadOrders,
): { readonly object: KubeObject; readonly generation: number } {
  const { workload, orders: before } = view;
  const isDraining = draining.has(workload.name);
  const told = slots.get(workload.name)?.told ?? 0;
  const isSame =
    before !== undefined &&
    before.isDraining === isDraining &&
    before.lanes[workload.lane ?? ''] === told;
  // Where the file is gone, the worker still knows which one it follows.
  const known = before?.generation ?? view.facts?.generation ?? 0;
  const generation = isSame ? before.generation : known + 1;
  const sinceMs = before?.isDraining === true ? (view.drainStartedAtMs ?? nowMs) : nowMs;
  const since = isDraining ? formatInstant(sinceMs) : '';
  const question = `${told} ${generation} ${since}`;
  const object = buildOnce(context, `config ${workload.name}`, question, () => {
    const config = buildWorkloadConfig(context, workload, { slots: told, isDraining, generation });
    return isDraining ? withAnnotation(config, ANNOTATIONS.drainStartedAt, since) : config;
  });
  return { object, generation };
}

/** A kubelet reads a changed ConfigMap again within a minute or so, and at once when its pod changes. */
function touchPods({ pods }: WorkloadView, generation: number): readonly Operation[] {
  const value = String(generation);
  return pods
    .filter((pod) => !isTerminating(pod))
    .filter((pod) => pod.metadata.annotations?.[ANNOTATIONS.workloadGeneration] !== value)
    .map((pod) => ({
      kind: 'patch',
      ref: refOf(pod),
      patch: { metadata: { annotations: { [ANNOTATIONS.workloadGeneration]: value } } },
    }));
}

function planPool(
  context: FleetContext,
  { workload }: WorkloadView,
  { slots }: WorkloadOrders,
): KubeObject {
  const { wanted = 0, fleetSlots = 0 } = slots.get(workload.name) ?? {};
  return buildOnce(context, `pool ${workload.name}`, `${wanted} ${fleetSlots}`, () => {
    const pool = buildWorkerPool(context, workload, { slots: fleetSlots });
    const spec = { ...(pool['spec'] as object), fleetSlots };
    // What a person scales does not count in the hash.
    const asFleetSays = withAppliedHash({ ...pool, spec });
    return { ...asFleetSays, spec: { ...spec, slots: wanted } };
  });
}
