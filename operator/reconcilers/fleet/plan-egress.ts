import {
  API_VERSION,
  FINALIZERS,
  KRAITE_NODE_EGRESS,
  LABELS,
  type FleetObject,
  type NodeEgressObject,
  type NodeEgressSpec,
  type PlanEntry,
} from '#operator/api';
import { refOf, type KubeObject } from '#operator/runtime';
import type { BoxView, FleetView } from './fleet-view.ts';
import { findCondition, labelOf, nodeNameOf, podCIDROf } from './kube-fields.ts';
import type { Observed } from './observed.ts';
import type { Operation } from './operations.ts';
import { releaseNode } from './plan-nodes.ts';
import { skippedGates } from './skip-gates.ts';

/** What the operator is told of the cluster and cannot see. */
export interface ClusterSettings {
  /** Network of all pods. */
  readonly clusterCIDR: string;
  /** URLs that answer with the address that they saw. */
  readonly echoEndpoints: readonly string[];
}

/** Returns the egress identity of every box that has a node; its agent makes it so and proves it. */
export function buildNodeEgresses(
  view: FleetView,
  fleet: FleetObject,
  settings: ClusterSettings,
): readonly KubeObject[] {
  return view.boxes.flatMap((box) => {
    const podCIDR = box.node === undefined ? undefined : podCIDROf(box.node);
    // Until the cluster gave the node a network there is nothing to match.
    if (box.node === undefined || podCIDR === undefined) return [];
    return [buildNodeEgress(box, fleet, { ...settings, podCIDR, node: box.node })];
  });
}

function buildNodeEgress(
  { box }: BoxView,
  fleet: FleetObject,
  {
    node,
    podCIDR,
    clusterCIDR,
    echoEndpoints,
  }: ClusterSettings & {
    readonly node: KubeObject;
    readonly podCIDR: string;
  },
): KubeObject {
  const spec: NodeEgressSpec = {
    fleet: fleet.metadata.name,
    fleetNamespace: fleet.metadata.namespace ?? 'default',
    box: box.name,
    role: box.role,
    nodeName: node.metadata.name,
    podCIDR,
    clusterCIDR,
    ...(box.egressAddress === undefined ? {} : { egressIP: box.egressAddress }),
    echoEndpoints,
  };
  return {
    apiVersion: API_VERSION,
    kind: KRAITE_NODE_EGRESS.kind,
    metadata: {
      name: node.metadata.name,
      labels: { [LABELS.fleet]: fleet.metadata.name, [LABELS.box]: box.name },
      finalizers: [FINALIZERS.nodeEgress],
    },
    spec,
  };
}

export interface EgressRelease {
  readonly operations: readonly Operation[];
  readonly entries: readonly PlanEntry[];
}

/**
 * Plans the end of identities that no box of the fleet has any more.
 *
 * The rules of a node go after its last pod, and the object after its rules: a node that lost them too early would let
 * its pods leave with another address.
 */
export function releaseEgresses(
  egresses: readonly NodeEgressObject[],
  observed: Observed,
): EgressRelease {
  const operations: Operation[] = [];
  const entries: PlanEntry[] = [];
  for (const egress of egresses) {
    const { name } = egress.metadata;
    const action = `take the egress rules off ${name}`;
    if (observed.pods.some((pod) => nodeNameOf(pod) === name)) {
      entries.push({ action, waitsFor: 'the last pod on it to end', reason: 'PodsStarting' });
    } else if (isReleaseDone(egress, observed)) {
      operations.push(...freeNode(egress, observed), ...endEgress(egress));
    } else {
      if (egress.spec.isReleased !== true) operations.push(release(egress));
      entries.push({ action, waitsFor: 'its node agent', reason: 'EgressReleasing' });
    }
  }
  return { operations, entries };
}

/** Returns the identities of this fleet that none of its boxes has. */
export function egressesWithoutBox(
  view: FleetView,
  { fleet, nodeEgresses }: Observed,
): readonly NodeEgressObject[] {
  const wanted = new Set(
    view.boxes.map(({ node, box }) => `${node?.metadata.name ?? ''} ${box.name}`),
  );
  const boxes = new Set<string>(view.boxes.map(({ box }) => box.name));
  return nodeEgresses
    .filter((each) => isOfFleet(each, fleet))
    .filter(({ metadata, spec }) => {
      if (wanted.has(`${metadata.name} ${spec.box}`)) return false;
      // A box whose node is just not seen keeps its identity.
      const owner = view.boxes.find(({ box }) => box.name === spec.box);
      return !boxes.has(spec.box) || owner?.node !== undefined;
    });
}

export function isOfFleet({ spec }: NodeEgressObject, { metadata }: FleetObject): boolean {
  return spec.fleet === metadata.name && spec.fleetNamespace === (metadata.namespace ?? 'default');
}

function isReleaseDone(egress: NodeEgressObject, observed: Observed): boolean {
  const { name } = egress.metadata;
  if (egress.spec.egressIP === undefined) return true;
  if (!observed.nodes.some((node) => node.metadata.name === name)) return true;
  if (skippedGates(observed.fleet, observed.nowMs).has('egress')) return true;
  if (egress.spec.isReleased !== true) return false;
  const applied = findCondition(egress, 'RulesApplied');
  return applied?.status === 'False' && applied.reason === 'RulesRemoved';
}

/** The node first: the identity is how it is known that the node was ours. */
function freeNode(egress: NodeEgressObject, { nodes }: Observed): readonly Operation[] {
  const node = nodes.find(({ metadata }) => metadata.name === egress.metadata.name);
  if (node === undefined || labelOf(node, LABELS.nodeBox) !== egress.spec.box) return [];
  return releaseNode(node);
}

function release(egress: NodeEgressObject): Operation {
  return { kind: 'patch', ref: refOf(egress), patch: { spec: { isReleased: true } } };
}

function endEgress(egress: NodeEgressObject): readonly Operation[] {
  const finalizers = (egress.metadata.finalizers ?? []).filter(
    (each) => each !== FINALIZERS.nodeEgress,
  );
  return [
    { kind: 'patch', ref: refOf(egress), patch: { metadata: { finalizers } } },
    { kind: 'delete', ref: refOf(egress), uid: egress.metadata.uid ?? '' },
  ];
}
