import { formatInstant, parseInstant } from '#pkg/base';
import { durationMs } from '#pkg/fleet-spec';
import type { WorkloadFile } from '#pkg/config';
import { ANNOTATIONS, LABELS, PATHS, type PlanEntry } from '#operator/api';
import { refOf, type KubeObject } from '#operator/runtime';
import { basename } from 'node:path';
import { ordersOf } from './fleet-view.ts';
import { hasRunningContainer, isTerminating, labelOf, ownerUidOf } from './kube-fields.ts';
import type { Observed } from './observed.ts';
import type { Operation } from './operations.ts';
import type { Refusal } from './plan-roll.ts';
import { skippedGates } from './skip-gates.ts';

export interface LeftoverPlan {
  readonly operations: readonly Operation[];
  readonly entries: readonly PlanEntry[];
  readonly failure: Refusal | undefined;
}

/**
 * Plans the end of what the object does not ask for any more.
 *
 * Only what this fleet owns goes; a worker drains first, and what it reads goes after its last pod.
 */
export function planLeftovers(wanted: ReadonlySet<string>, observed: Observed): LeftoverPlan {
  const { uid } = observed.fleet.metadata;
  const leftovers = observed.objects.filter(
    (each) =>
      (ownerUidOf(each) === uid || isEgressVolume(each, observed)) &&
      !isTerminating(each) &&
      !wanted.has(`${each.kind}/${each.metadata.name}`),
  );
  const workers = Map.groupBy(
    leftovers.filter((each) => labelOf(each, LABELS.workload) === 'worker'),
    (each) => `${labelOf(each, LABELS.box)}-${labelOf(each, LABELS.lane)}`,
  );
  const others = leftovers.filter((each) => labelOf(each, LABELS.workload) !== 'worker');
  const ends = [...workers].map(([name, objects]) => endWorker(name, objects, observed));
  return {
    operations: [...others.map(remove), ...ends.flatMap(({ operations }) => operations)],
    entries: ends.flatMap(({ entries }) => entries),
    failure: ends.find(({ failure }) => failure !== undefined)?.failure,
  };
}

/**
 * Whether `object` is the volume by which pods of a box read what its node agent wrote.
 *
 * A volume belongs to the cluster, so the fleet cannot own it; it holds nothing that anybody would miss.
 */
export function isEgressVolume(object: KubeObject, { fleet }: Observed): boolean {
  if (object.kind !== 'PersistentVolume') return false;
  const { claimRef } = object['spec'] as { readonly claimRef?: { readonly namespace?: string } };
  return (
    labelOf(object, 'app.kubernetes.io/component') === 'egress' &&
    claimRef?.namespace === (fleet.metadata.namespace ?? 'default')
  );
}

export function remove(object: KubeObject): Operation {
  return { kind: 'delete', ref: refOf(object), uid: object.metadata.uid ?? '' };
}

function endWorker(name: string, objects: readonly KubeObject[], observed: Observed): LeftoverPlan {
  const action = `end ${name}, which the object does not name any more`;
  const pods = observed.pods.filter((pod) => isOf(pod, objects) && hasRunningContainer(pod));
  const config = objects.find((each) => each.kind === 'ConfigMap');
  const orders = config === undefined ? undefined : ordersOf(config);
  const skips = skippedGates(observed.fleet, observed.nowMs).has('drain');
  const isDone = pods.every((pod) => isPodDrained(pod, orders, observed)) || skips;
  if (isDone || config === undefined || orders === undefined) {
    return { operations: objects.map(remove), entries: [{ action }], failure: undefined };
  }
  if (!orders.isDraining) {
    return {
      operations: tellToDrain(config, orders, pods, observed),
      entries: [{ action }],
      failure: undefined,
    };
  }
  const sinceMs = parseInstant(config.metadata.annotations?.[ANNOTATIONS.drainStartedAt]) ?? 0;
  const limitMs = durationMs(observed.fleet.spec.update.drainTimeout);
  const isOverdue = observed.nowMs - sinceMs > limitMs;
  const reason = isOverdue ? 'DrainOverdue' : 'DrainRunning';
  const message = isOverdue
    ? `${name} did not drain within update.drainTimeout: look at \`kraite steps\`, or pass the gate with the annotation fleet.kraite.io/skip-gate: drain=<until>`
    : `${name} to finish`;
  return {
    operations: [],
    entries: [{ action, waitsFor: message, reason }],
    failure: isOverdue ? { reason, message } : undefined,
  };
}

function isOf(pod: KubeObject, [first]: readonly KubeObject[]): boolean {
  return (
    first !== undefined &&
    [LABELS.workload, LABELS.box, LABELS.lane].every(
      (name) => labelOf(pod, name) === labelOf(first, name),
    )
  );
}

function isPodDrained(
  pod: KubeObject,
  orders: WorkloadFile | undefined,
  { facts }: Observed,
): boolean {
  const said = facts.get(pod.metadata.name);
  if (orders?.isDraining !== true || said === undefined) return false;
  return said.isDrained && (said.generation ?? -1) >= orders.generation;
}

function tellToDrain(
  config: KubeObject,
  orders: WorkloadFile,
  pods: readonly KubeObject[],
  { nowMs }: Observed,
): readonly Operation[] {
  const generation = orders.generation + 1;
  const file: WorkloadFile = { ...orders, isDraining: true, generation };
  const told: Operation = {
    kind: 'patch',
    ref: refOf(config),
    patch: {
      metadata: { annotations: { [ANNOTATIONS.drainStartedAt]: formatInstant(nowMs) } },
      data: { [basename(PATHS.workloadFile)]: `${JSON.stringify(file)}\n` },
    },
  };
  const touches = pods.map((pod): Operation => ({
    kind: 'patch',
    ref: refOf(pod),
    patch: {
      metadata: { annotations: { [ANNOTATIONS.workloadGeneration]: String(generation) } },
    },
  }));
  return [told, ...touches];
}
