import { parseInstant } from '#pkg/base';
import { parseWorkloadFile, type WorkloadFile } from '#pkg/config';
import type { PlannedBox, Workload } from '#pkg/fleet-spec';
import type { ProcessFacts } from '#pkg/observability';
import {
  ANNOTATIONS,
  EGRESS_TIMES,
  KRAITE_WORKER_POOL,
  LABELS,
  PATHS,
  type NodeEgressObject,
  type WorkerPoolObject,
} from '#operator/api';
import { poolName, workloadObjectName } from '#operator/resources';
import type { KubeObject } from '#operator/runtime';
import { basename } from 'node:path';
import type { Desired } from './desired.ts';
import {
  failureOf,
  findCondition,
  hasRunningContainer,
  isCordoned,
  isFinished,
  isTerminating,
  isTrue,
  labelOf,
  readySinceMs,
  templateHashOf,
} from './kube-fields.ts';
import type { Observed } from './observed.ts';

/** The fleet as it is, box by box: what the object asks for beside what the cluster shows. */
export interface FleetView {
  readonly boxes: readonly BoxView[];
}

export interface BoxView {
  readonly box: PlannedBox;
  readonly node: KubeObject | undefined;
  readonly isNodeReady: boolean;
  /** Somebody wants the node empty (`kubectl drain` cordons first): the box drains. */
  readonly isCordoned: boolean;
  readonly egress: NodeEgressObject | undefined;
  /** Nothing to prove, or proved not long ago. */
  readonly isEgressVerified: boolean;
  readonly workloads: readonly WorkloadView[];
}

export interface WorkloadView {
  readonly workload: Workload;
  /** Name of its Deployment, ConfigMap and budget. */
  readonly name: string;
  readonly wanted: KubeObject;
  readonly live: KubeObject | undefined;
  /** It exists, and its pods are of another template than the object asks for. */
  readonly isOutdated: boolean;
  /** Pods that have not ended, newest template or not. */
  readonly pods: readonly KubeObject[];
  /** Pods of another template are still there. */
  readonly hasOldPods: boolean;
  /** It waits for its turn, and a pod of the template that it has is ready. */
  readonly isServedByOldPod: boolean;
  /** The pod of the wanted template that stays. */
  readonly current: KubeObject | undefined;
  /** Since when `current` is ready. */
  readonly readySinceMs: number | undefined;
  /** Kubernetes' word for why `current` fails. */
  readonly failure: string | undefined;
  readonly facts: ProcessFacts | undefined;
  /** What the worker was told last. */
  readonly orders: WorkloadFile | undefined;
  readonly drainStartedAtMs: number | undefined;
  readonly pool: WorkerPoolObject | undefined;
}

export function isServer({ workload }: WorkloadView): boolean {
  return workload.kind === 'mysql' || workload.kind === 'redis';
}

export function isWorker({ workload }: WorkloadView): boolean {
  return workload.kind === 'worker';
}

/** Whether its pod runs the wanted template and is ready. */
export function isServing(view: WorkloadView): boolean {
  return !view.isOutdated && view.readySinceMs !== undefined;
}

/** Whether it takes steps of its lane now, by whatever template. */
export function isConsuming({ workload, pods, orders }: WorkloadView): boolean {
  if (workload.lane === undefined || orders === undefined || orders.isDraining) return false;
  const isReady = pods.some((pod) => !isTerminating(pod) && readySinceMs(pod) !== undefined);
  return isReady && (orders.lanes[workload.lane] ?? 0) > 0;
}

/**
 * Whether nothing of `view` runs that only it can finish.
 *
 * A worker says so itself, of the very orders that told it to drain. A pod without a running container holds nothing.
 */
export function isDrained({ facts, orders, pods }: WorkloadView): boolean {
  const running = pods.filter((pod) => hasRunningContainer(pod));
  if (running.length === 0) return true;
  if (orders?.isDraining !== true || facts === undefined) return false;
  return facts.isDrained && (facts.generation ?? -1) >= orders.generation;
}

/** Returns the view of what is; pure, as everything here. */
export function viewFleet({ context, workloads }: Desired, observed: Observed): FleetView {
  const index = indexObserved(observed);
  const boxes = context.plan.boxes.map((box): BoxView => {
    const node = findNodeOf(box.name, observed.nodes);
    const egress = observed.nodeEgresses.find((each) => each.metadata.name === node?.metadata.name);
    return {
      box,
      node,
      isNodeReady: isTrue(node, 'Ready'),
      isCordoned: node !== undefined && isCordoned(node),
      egress,
      isEgressVerified:
        box.egressAddress === undefined || isVerified(egress, box.egressAddress, observed.nowMs),
      workloads: [...workloads.values()]
        .filter(({ workload }) => workload.box === box.name)
        .map(({ workload, object }) =>
          viewWorkload(workload, object, { name: workloadObjectName(context, workload), index }),
        ),
    };
  });
  return { boxes };
}

interface Index {
  readonly objects: ReadonlyMap<string, KubeObject>;
  readonly pods: ReadonlyMap<string, readonly KubeObject[]>;
  readonly facts: Observed['facts'];
}

function indexObserved({ objects, pods, facts }: Observed): Index {
  const unfinished = pods.filter((pod) => !isFinished(pod));
  return {
    objects: new Map(objects.map((each) => [`${each.kind}/${each.metadata.name}`, each])),
    pods: Map.groupBy(unfinished, (pod) =>
      [LABELS.workload, LABELS.box, LABELS.lane].map((name) => labelOf(pod, name)).join('/'),
    ),
    facts,
  };
}

/** The node that was labelled as the box before, or else the only one that says it is. */
function findNodeOf(box: string, nodes: readonly KubeObject[]): KubeObject | undefined {
  return (
    nodes.find((node) => labelOf(node, LABELS.nodeBox) === box) ?? onlyOne(claimants(box, nodes))
  );
}

/** Nodes that say they are `box`. A kubelet writes that label itself, so it is a claim and no proof. */
export function claimants(box: string, nodes: readonly KubeObject[]): readonly KubeObject[] {
  return nodes.filter((node) => labelOf(node, LABELS.box) === box);
}

function onlyOne<T>(items: readonly T[]): T | undefined {
  return items.length === 1 ? items[0] : undefined;
}

/** Whether that node's agent proved `address` not long ago. */
function isVerified(egress: NodeEgressObject | undefined, address: string, nowMs: number): boolean {
  const { status, spec } = egress ?? {};
  if (status === undefined || spec?.egressIP !== address) return false;
  const verifiedAtMs = parseInstant(status.verifiedAt);
  return (
    findCondition(egress, 'Verified')?.status === 'True' &&
    status.observedIP === address &&
    verifiedAtMs !== undefined &&
    nowMs - verifiedAtMs <= EGRESS_TIMES.statusStaleMs
  );
}

function viewWorkload(
  workload: Workload,
  wanted: KubeObject,
  { name, index }: { readonly name: string; readonly index: Index },
): WorkloadView {
  const { kind, box, lane } = workload;
  const live = index.objects.get(`${wanted.kind}/${name}`);
  const hash = templateHashOf(wanted);
  const pods = index.pods.get([kind, box, lane].join('/')) ?? [];
  const staying = pods.filter((pod) => !isTerminating(pod));
  const current = staying.find((pod) => podHashOf(pod) === hash);
  const config = index.objects.get(`ConfigMap/${name}`);
  const pool = lane === undefined ? undefined : index.objects.get(poolKeyOf(workload));
  const isOutdated = live !== undefined && templateHashOf(live) !== hash;
  return {
    workload,
    name,
    wanted,
    live,
    isOutdated,
    isServedByOldPod: isOutdated && staying.some((pod) => readySinceMs(pod) !== undefined),
    pods,
    hasOldPods: pods.some((pod) => podHashOf(pod) !== hash),
    current,
    readySinceMs: current === undefined ? undefined : readySinceMs(current),
    failure: current === undefined ? undefined : failureOf(current),
    facts: index.facts.get(staying[0]?.metadata.name ?? ''),
    orders: config === undefined ? undefined : ordersOf(config),
    drainStartedAtMs: parseInstant(config?.metadata.annotations?.[ANNOTATIONS.drainStartedAt]),
    pool: pool as WorkerPoolObject | undefined,
  };
}

function poolKeyOf(workload: Workload): string {
  return `${KRAITE_WORKER_POOL.kind}/${poolName(workload)}`;
}

/** Hash of the template that a pod was made from. */
function podHashOf(pod: KubeObject): string | undefined {
  return pod.metadata.annotations?.[ANNOTATIONS.templateHash];
}

/** Returns what a worker's ConfigMap tells it, or undefined when that is nothing whole. */
export function ordersOf(config: KubeObject): WorkloadFile | undefined {
  const data = config['data'] as Readonly<Record<string, string>> | undefined;
  return parseWorkloadFile(data?.[basename(PATHS.workloadFile)] ?? '');
}
