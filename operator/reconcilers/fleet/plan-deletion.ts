import { ANNOTATIONS, FINALIZERS, type PlanEntry } from '#operator/api';
import { finalizerPatch, refOf, type KubeObject } from '#operator/runtime';
import type { Desired } from './desired.ts';
import { isDrained, isWorker, type FleetView } from './fleet-view.ts';
import { hasRunningContainer, isTerminating, ownerUidOf } from './kube-fields.ts';
import type { Observed } from './observed.ts';
import type { Operation } from './operations.ts';
import { isOfFleet, releaseEgresses } from './plan-egress.ts';
import { isEgressVolume, remove } from './plan-leftovers.ts';
import { releaseNode } from './plan-nodes.ts';
import type { Refusal } from './plan-roll.ts';
import { planSlots } from './plan-slots.ts';
import { planWorkloads } from './plan-workloads.ts';
import { skippedGates } from './skip-gates.ts';

export interface DeletionPlan {
  readonly operations: readonly Operation[];
  /** Objects that are to carry the orders to drain; whoever writes them skips what is in place. */
  readonly objects: readonly KubeObject[];
  readonly entries: readonly PlanEntry[];
  readonly failure: Refusal | undefined;
}

type Step = (desired: Desired, view: FleetView, observed: Observed) => DeletionPlan | undefined;

/** Each step ends before the next one begins; a step that has nothing to do is undefined. */
const STEPS: readonly Step[] = [drainWorkers, endWorkloads, releaseBoxes, deleteData];

/** Plans the end of the fleet: drain, pods, egress rules, labels of the nodes; the data stays unless the object says so. */
export function planDeletion(desired: Desired, view: FleetView, observed: Observed): DeletionPlan {
  for (const step of STEPS) {
    const plan = step(desired, view, observed);
    if (plan !== undefined) return plan;
  }
  return { operations: [letGo(observed)], objects: [], entries: [], failure: undefined };
}

function drainWorkers(
  { context }: Desired,
  view: FleetView,
  observed: Observed,
): DeletionPlan | undefined {
  const { nowMs, fleet } = observed;
  const workers = view.boxes.flatMap(({ workloads }) => workloads).filter((each) => isWorker(each));
  const left = workers.filter((each) => each.live !== undefined && !isDrained(each));
  if (left.length === 0 || skippedGates(fleet, nowMs).has('drain')) return undefined;
  const planned = planWorkloads(context, view, {
    nowMs,
    // Also those that are drained already: they take nothing more until the last one is.
    draining: new Set(workers.map((each) => each.workload.name)),
    replaceable: new Set(),
    slots: planSlots(view, fleet),
  });
  const names = left.map((each) => each.workload.name).join(', ');
  return {
    operations: planned.touches,
    objects: planned.objects.filter(({ kind }) => kind === 'ConfigMap'),
    entries: [
      { action: 'drain every box', waitsFor: `${names} to finish`, reason: 'DrainRunning' },
    ],
    failure: undefined,
  };
}

const WORKLOAD_KINDS: readonly string[] = ['Deployment', 'StatefulSet', 'Job'];

function endWorkloads(
  _desired: Desired,
  view: FleetView,
  observed: Observed,
): DeletionPlan | undefined {
  const { uid } = observed.fleet.metadata;
  const running = observed.objects.filter(
    (each) => WORKLOAD_KINDS.includes(each.kind) && ownerUidOf(each) === uid,
  );
  const away = new Set(
    view.boxes.filter(({ isNodeReady }) => !isNodeReady).map(({ box }) => box.name as string),
  );
  // The pods of a box that does not answer end when it comes back; nothing waits for an eviction.
  const left = observed.pods.filter((pod) => hasRunningContainer(pod) && !away.has(boxOfPod(pod)));
  if (running.length === 0 && left.length === 0) return undefined;
  const names = left.map(({ metadata }) => metadata.name);
  return {
    operations: running.filter((each) => !isTerminating(each)).map(remove),
    objects: [],
    entries: [
      {
        action: 'end every pod',
        waitsFor: names.length === 0 ? 'their objects to go' : names.slice(0, 5).join(', '),
        reason: 'FleetDeleting',
      },
    ],
    failure: undefined,
  };
}

function boxOfPod(pod: KubeObject): string {
  return pod.metadata.labels?.['fleet.kraite.io/box'] ?? '';
}

function releaseBoxes(
  _desired: Desired,
  view: FleetView,
  observed: Observed,
): DeletionPlan | undefined {
  const egresses = observed.nodeEgresses.filter((each) => isOfFleet(each, observed.fleet));
  const away = observed.pods.filter((pod) => !hasRunningContainer(pod));
  const { operations, entries } = releaseEgresses(egresses, {
    ...observed,
    pods: observed.pods.filter((pod) => !away.includes(pod)),
  });
  const labels = [
    ...view.boxes.flatMap(({ node }) => (node === undefined ? [] : releaseNode(node))),
    ...observed.objects
      .filter((each) => isEgressVolume(each, observed) && !isTerminating(each))
      .map(remove),
  ];
  if (egresses.length > 0) return { operations, objects: [], entries, failure: undefined };
  if (labels.length === 0) return undefined;
  const entry = { action: 'take labels, taints and volumes off the nodes' };
  return { operations: labels, objects: [], entries: [entry], failure: undefined };
}

const DATA_KINDS: readonly string[] = ['PersistentVolumeClaim', 'PersistentVolume', 'Secret'];

/** What outlives the fleet has no owner; it goes only when the object says its own name. */
function deleteData(
  _desired: Desired,
  _view: FleetView,
  { fleet, objects }: Observed,
): DeletionPlan | undefined {
  if (fleet.metadata.annotations?.[ANNOTATIONS.deleteData] !== fleet.metadata.name)
    return undefined;
  const data = objects.filter(
    (each) =>
      DATA_KINDS.includes(each.kind) && ownerUidOf(each) === undefined && !isTerminating(each),
  );
  if (data.length === 0) return undefined;
  const entry = { action: 'delete the data, as the annotation asks' };
  return { operations: data.map(remove), objects: [], entries: [entry], failure: undefined };
}

function letGo({ fleet }: Observed): Operation {
  const patch = finalizerPatch(fleet, FINALIZERS.fleet, false) ?? {};
  return { kind: 'patch', ref: refOf(fleet), patch };
}
