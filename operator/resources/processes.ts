import type { Workload } from '#pkg/fleet-spec';
import type { WorkloadFile } from '#pkg/config';
import { API_VERSION, KRAITE_WORKER_POOL, PATHS, type FleetObject } from '#operator/api';
import type { KubeObject } from '#operator/runtime';
import { basename } from 'node:path';
import type { FleetContext } from './fleet-context.ts';
import { KINDS } from './kinds.ts';
import { fleetNames, namespacedHead, namespaceOf, objectName } from './naming.ts';
import {
  buildProcessTemplate,
  workloadLabels,
  workloadObjectName,
  workloadSelector,
} from './process-pod.ts';

/**
 * Returns the Deployment of one process of ours: a worker of one (box, lane), or one of the brain's.
 *
 * One pod, replaced and never doubled: a second worker of a lane would take twice its slots. That two brain processes
 * never act at once is the database's leases' doing, not this object's.
 */
export function buildProcess(context: FleetContext, workload: Workload): KubeObject {
  return {
    ...headOf(context, workload, KINDS.Deployment),
    spec: {
      replicas: 1,
      revisionHistoryLimit: 3,
      strategy: { type: 'Recreate' },
      selector: { matchLabels: workloadSelector(context, workload) },
      template: buildProcessTemplate(context, workload),
    },
  };
}

/**
 * Returns the budget that keeps everybody but the operator from evicting the pod of `workload`.
 *
 * Closed on purpose: draining a node waits until the operator has drained the process and opens it. A pod that is not
 * ready may still run orders, so it is guarded like one that is.
 */
export function buildDisruptionBudget(
  context: FleetContext,
  workload: Workload,
  { isOpen }: { readonly isOpen: boolean } = { isOpen: false },
): KubeObject {
  return {
    ...headOf(context, workload, KINDS.PodDisruptionBudget),
    spec: {
      maxUnavailable: isOpen ? 1 : 0,
      unhealthyPodEvictionPolicy: 'IfHealthyBudget',
      selector: { matchLabels: workloadSelector(context, workload) },
    },
  };
}

/** What a running worker may be told without a restart. */
export interface WorkloadOrders {
  readonly slots: number;
  readonly isDraining: boolean;
  /** Grows whenever slots or draining change; the worker acknowledges it. */
  readonly generation: number;
}

/** Returns the ConfigMap that the pod of `workload` (a worker) watches as its workload.json. */
export function buildWorkloadConfig(
  context: FleetContext,
  workload: Workload,
  { slots, isDraining, generation }: WorkloadOrders,
): KubeObject {
  if (workload.lane === undefined) throw new Error(`${workload.name} serves no lane`);
  const file: WorkloadFile = { generation, lanes: { [workload.lane]: slots }, isDraining };
  return {
    ...headOf(context, workload, KINDS.ConfigMap),
    data: { [basename(PATHS.workloadFile)]: `${JSON.stringify(file)}\n` },
  };
}

/** Returns the pool of one (box, lane), by which slots are scaled, as the fleet's own number has it. */
export function buildWorkerPool(
  context: FleetContext,
  workload: Workload,
  { slots }: { readonly slots: number },
): KubeObject {
  const { fleet } = context;
  if (workload.lane === undefined) throw new Error(`${workload.name} serves no lane`);
  return {
    ...namespacedHead(fleet, KRAITE_WORKER_POOL, {
      name: poolName(workload),
      component: workload.kind,
      labels: workloadLabels(context, workload),
    }),
    spec: {
      fleet: fleet.metadata.name,
      box: workload.box,
      lane: workload.lane,
      slots,
      fleetSlots: slots,
      slotsOwner: fleet.spec.update.slotsOwner,
    },
  };
}

/**
 * Name of a pool: the workload's own, so that `kubectl scale kwp/eos-orders` is what a person types.
 *
 * A box belongs to one fleet of a cluster, so pools of two fleets of one namespace do not meet.
 */
export function poolName(workload: Workload): string {
  return objectName(workload.name);
}

/** Returns the ConfigMap by which web shows the object that was applied last. */
export function buildFleetConfig({ fleet }: FleetContext): KubeObject {
  const shown = {
    apiVersion: API_VERSION,
    kind: fleet.kind,
    metadata: { name: fleet.metadata.name, namespace: namespaceOf(fleet) },
    spec: fleet.spec,
  };
  return {
    ...namespacedHead(fleet, KINDS.ConfigMap, {
      name: fleetNames(fleet).object,
      component: 'web',
    }),
    data: { [basename(PATHS.fleetFile)]: `${JSON.stringify(shown, null, 2)}\n` },
  };
}

/** Returns the account of all pods; it may do nothing, and its token is mounted nowhere. */
export function buildServiceAccount(fleet: FleetObject): KubeObject {
  return {
    ...namespacedHead(fleet, KINDS.ServiceAccount, {
      name: fleetNames(fleet).process,
      component: 'process',
    }),
    automountServiceAccountToken: false,
  };
}

function headOf(
  context: FleetContext,
  workload: Workload,
  kind: (typeof KINDS)[keyof typeof KINDS],
) {
  return namespacedHead(context.fleet, kind, {
    name: workloadObjectName(context, workload),
    component: workload.kind,
    labels: workloadLabels(context, workload),
  });
}
