import { formatInstant } from '#pkg/base';
import { LABELS, READINESS_GATES, TAINTS, taintsOfRole } from '#operator/api';
import { refOf, type KubeObject } from '#operator/runtime';
import type { FleetView } from './fleet-view.ts';
import { findCondition, isTerminating, labelOf, taintsOf, type Taint } from './kube-fields.ts';
import type { Operation } from './operations.ts';

/** Plans the labels that pin, and the taints that keep everybody else, and the unproved, away. */
export function planNodes({ boxes }: FleetView): readonly Operation[] {
  return boxes.flatMap((view) => {
    const { node, box, isEgressVerified } = view;
    if (node === undefined) return [];
    const labels = { [LABELS.nodeBox]: box.name as string, [LABELS.nodeRole]: box.role as string };
    return patchNode(node, labels, taintsOfRole(box.role, { isEgressVerified }));
  });
}

/** Plans that a node is nobody's box any more. */
export function releaseNode(node: KubeObject): readonly Operation[] {
  const labels = { [LABELS.nodeBox]: undefined, [LABELS.nodeRole]: undefined };
  return patchNode(node, labels, []);
}

const OUR_TAINTS: readonly string[] = [TAINTS.role, TAINTS.egressUnverified];

/** Taints are one list, whoever wrote which: the patch fails when somebody changed the node meanwhile. */
function patchNode(
  node: KubeObject,
  labels: Readonly<Record<string, string | undefined>>,
  taints: readonly Taint[],
): readonly Operation[] {
  const wrong = Object.entries(labels).filter(([name, value]) => labelOf(node, name) !== value);
  const ours = taintsOf(node).filter(({ key }) => OUR_TAINTS.includes(key));
  const areTaintsRight = ours.length === taints.length && taints.every((taint) => has(ours, taint));
  if (wrong.length === 0 && areTaintsRight) return [];
  const strangers = taintsOf(node).filter(({ key }) => !OUR_TAINTS.includes(key));
  const patch = {
    metadata: {
      resourceVersion: node.metadata.resourceVersion,
      // In a merge patch null takes a field away.
      labels: Object.fromEntries(wrong.map(([name, value]) => [name, value ?? null])),
    },
    ...(areTaintsRight ? {} : { spec: { taints: [...strangers, ...taints] } }),
  };
  return [{ kind: 'patch', ref: refOf(node), patch }];
}

function has(taints: readonly Taint[], { key, value, effect }: Taint): boolean {
  return taints.some(
    (each) => each.key === key && (each.value ?? '') === value && each.effect === effect,
  );
}

/** Plans the readiness gate of every pod that leaves by its box's address: open while that is proved. */
export function planReadinessGates({ boxes }: FleetView, nowMs: number): readonly Operation[] {
  return boxes.flatMap(({ isEgressVerified, workloads }) =>
    workloads
      .flatMap(({ pods }) => pods)
      .filter((pod) => !isTerminating(pod) && hasGate(pod))
      .flatMap((pod) => setGate(pod, isEgressVerified, nowMs)),
  );
}

function hasGate(pod: KubeObject): boolean {
  const { readinessGates = [] } = pod['spec'] as {
    readonly readinessGates?: readonly { readonly conditionType: string }[];
  };
  return readinessGates.some((gate) => gate.conditionType === READINESS_GATES.egressVerified);
}

function setGate(pod: KubeObject, isOpen: boolean, nowMs: number): readonly Operation[] {
  const type = READINESS_GATES.egressVerified;
  const status = isOpen ? 'True' : 'False';
  if (findCondition(pod, type)?.status === status) return [];
  const condition = {
    type,
    status,
    reason: isOpen ? 'EgressVerified' : 'EgressUnverified',
    message: isOpen ? 'the address of the box was seen outside' : 'the address is not proved',
    lastTransitionTime: formatInstant(nowMs).replace(/\.\d+Z$/, 'Z'),
  };
  const { name, namespace, uid } = pod.metadata;
  const metadata = {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
  };
  const object = {
    apiVersion: pod.apiVersion,
    kind: pod.kind,
    metadata,
    status: { conditions: [condition] },
  };
  return [{ kind: 'apply', object, subresource: 'status' }];
}
