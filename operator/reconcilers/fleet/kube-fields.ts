/** The few fields of Kubernetes' own objects that decisions are made from. */
import { parseInstant } from '#pkg/base';
import { ANNOTATIONS } from '#operator/api';
import { controllerOf, type Condition, type KubeObject } from '#operator/runtime';

type Loose = Readonly<Record<string, unknown>>;

function at(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const name of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = (found as Loose)[name];
  }
  return found;
}

export function conditionsOf(object: KubeObject | undefined): readonly Condition[] {
  const conditions = at(object, 'status', 'conditions');
  return Array.isArray(conditions) ? (conditions as readonly Condition[]) : [];
}

export function findCondition(object: KubeObject | undefined, type: string): Condition | undefined {
  return conditionsOf(object).find((each) => each.type === type);
}

export function isTrue(object: KubeObject | undefined, type: string): boolean {
  return findCondition(object, type)?.status === 'True';
}

export function labelOf(object: KubeObject, name: string): string | undefined {
  return object.metadata.labels?.[name];
}

/** Returns the hash of the pod that a Deployment or StatefulSet makes. */
export function templateHashOf(object: KubeObject): string | undefined {
  const hash = at(object, 'spec', 'template', 'metadata', 'annotations', ANNOTATIONS.templateHash);
  return typeof hash === 'string' ? hash : undefined;
}

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

export function taintsOf(node: KubeObject): readonly Taint[] {
  const taints = at(node, 'spec', 'taints');
  return Array.isArray(taints) ? (taints as readonly Taint[]) : [];
}

export function isCordoned(node: KubeObject): boolean {
  return at(node, 'spec', 'unschedulable') === true;
}

export function podCIDROf(node: KubeObject): string | undefined {
  const cidr = at(node, 'spec', 'podCIDR');
  return typeof cidr === 'string' && cidr !== '' ? cidr : undefined;
}

export function nodeNameOf(pod: KubeObject): string | undefined {
  const name = at(pod, 'spec', 'nodeName');
  return typeof name === 'string' && name !== '' ? name : undefined;
}

/** Whether the pod ended for good; its object may stay a while. */
export function isFinished(pod: KubeObject): boolean {
  const phase = at(pod, 'status', 'phase');
  return phase === 'Succeeded' || phase === 'Failed';
}

export function isTerminating(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}

interface ContainerStatus {
  readonly restartCount?: number;
  readonly state?: {
    readonly running?: unknown;
    readonly waiting?: { readonly reason?: string; readonly message?: string };
  };
}

function containersOf(pod: KubeObject): readonly ContainerStatus[] {
  const statuses = at(pod, 'status', 'containerStatuses');
  return Array.isArray(statuses) ? (statuses as readonly ContainerStatus[]) : [];
}

export function hasRunningContainer(pod: KubeObject): boolean {
  return containersOf(pod).some(({ state }) => state?.running !== undefined);
}

const CANNOT_START = [
  'CrashLoopBackOff',
  'ImagePullBackOff',
  'ErrImagePull',
  'InvalidImageName',
  'CreateContainerConfigError',
];

/** Returns why the pod fails, in Kubernetes' own word, or undefined while it may still come up. */
export function failureOf(pod: KubeObject): string | undefined {
  return containersOf(pod)
    .map(({ state }) => state?.waiting?.reason ?? '')
    .find((reason) => CANNOT_START.includes(reason));
}

/** Returns since when the pod is ready, or undefined while it is not. */
export function readySinceMs(pod: KubeObject): number | undefined {
  const ready = findCondition(pod, 'Ready');
  return ready?.status === 'True' ? (parseInstant(ready.lastTransitionTime) ?? 0) : undefined;
}

export function ownerUidOf(object: KubeObject): string | undefined {
  return controllerOf(object)?.uid;
}
