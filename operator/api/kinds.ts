import { completeSpec, type FleetSpec } from '#pkg/fleet-spec';
import type { Condition, KubeObject, ResourceKind } from '#operator/runtime';
import { API_VERSION } from './names.ts';

/** Where the API serves our three kinds. */
export const KRAITE_FLEET: ResourceKind = {
  apiVersion: API_VERSION,
  kind: 'KraiteFleet',
  plural: 'kraitefleets',
  isNamespaced: true,
};
export const KRAITE_WORKER_POOL: ResourceKind = {
  apiVersion: API_VERSION,
  kind: 'KraiteWorkerPool',
  plural: 'kraiteworkerpools',
  isNamespaced: true,
};
export const KRAITE_NODE_EGRESS: ResourceKind = {
  apiVersion: API_VERSION,
  kind: 'KraiteNodeEgress',
  plural: 'kraitenodeegresses',
  isNamespaced: false,
};

export type FleetPhase =
  | 'Pending'
  | 'Progressing'
  | 'Ready'
  | 'Degraded'
  | 'Updating'
  | 'Paused'
  | 'Stalled'
  | 'Deleting';

export const FLEET_CONDITIONS = [
  'Ready',
  'Reconciling',
  'Stalled',
  'TopologyValid',
  'CoreAvailable',
  'BrainAvailable',
  'WorkersAvailable',
  'EgressVerified',
  'Drained',
  'UpdateInProgress',
  'Paused',
] as const;
export type FleetConditionType = (typeof FLEET_CONDITIONS)[number];

export interface FleetObject extends KubeObject {
  readonly spec: FleetSpec;
  readonly status?: FleetStatus;
}

/** Returns a KraiteFleet as it came from an API server, which keeps no default that is null, as everybody else takes it. */
export function readFleetObject(object: KubeObject): FleetObject {
  const fleet = object as FleetObject;
  return { ...fleet, spec: completeSpec(fleet.spec) };
}

export interface FleetStatus {
  /** −1 before the operator has looked at the object (the default that makes `helm --wait` wait). */
  readonly observedGeneration: number;
  readonly phase?: FleetPhase;
  /** Why, in one sentence. */
  readonly message?: string;
  /** What all boxes run; absent while they differ. */
  readonly version?: string;
  /** `7/7` and the like, for the printer columns. */
  readonly summary?: {
    readonly core: string;
    readonly brain: string;
    readonly workers: string;
    readonly egress: string;
  };
  readonly boxes?: readonly BoxStatus[];
  /** What the operator will do next, and what it waits for; first the next one. */
  readonly plan?: readonly PlanEntry[];
  readonly conditions?: readonly Condition[];
  /** Generation of the object that was last Ready; `kraite rollback` goes back to it. */
  readonly lastGoodGeneration?: number;
}

export interface BoxStatus {
  readonly name: string;
  readonly role: 'core' | 'brain' | 'trading' | 'indicators';
  readonly node?: string;
  readonly isReady: boolean;
  /** Why it is not, one PascalCase word of the catalogue. */
  readonly reason?: string;
  readonly version?: string;
  readonly egress?: {
    readonly expected: string;
    readonly observed?: string;
    readonly verifiedAt?: string;
  };
  readonly lanes?: readonly {
    readonly name: string;
    readonly desired: number;
    readonly ready: number;
    readonly busy: number;
  }[];
}

export interface PlanEntry {
  /** For example `replace the pods of eos`. */
  readonly action: string;
  /** What it waits for; absent when it is done now. */
  readonly waitsFor?: string;
  /** One PascalCase word. */
  readonly reason?: string;
}

export interface WorkerPoolObject extends KubeObject {
  readonly spec: WorkerPoolSpec;
  readonly status?: WorkerPoolStatus;
}

export interface WorkerPoolSpec {
  readonly fleet: string;
  readonly box: string;
  readonly lane: string;
  /** Steps that may run at once; what `kubectl scale` sets. */
  readonly slots: number;
  /** The fleet's own number at its last change: where the fleet owns the slots, the API server refuses any other. */
  readonly fleetSlots?: number;
  /** Of the fleet's update.slotsOwner; `fleet` refuses scaling. */
  readonly slotsOwner: 'pool' | 'fleet';
}

export interface WorkerPoolStatus {
  readonly observedGeneration: number;
  /** Slots that the running worker has acknowledged. */
  readonly slots: number;
  readonly busy: number;
  /** Label selector of its pods, for the scale subresource. */
  readonly selector: string;
  readonly conditions?: readonly Condition[];
}

export interface NodeEgressObject extends KubeObject {
  readonly spec: NodeEgressSpec;
  readonly status?: NodeEgressStatus;
}

/** Cluster-scoped; its name is the node's. Written by the operator only. */
export interface NodeEgressSpec {
  readonly fleet: string;
  readonly fleetNamespace: string;
  readonly box: string;
  readonly role: 'core' | 'brain' | 'trading' | 'indicators';
  readonly nodeName: string;
  /** Pods of this network leave as `egressIP`. */
  readonly podCIDR: string;
  /** All pods of the cluster: none of them may leave unmapped. */
  readonly clusterCIDR: string;
  /** Absent on a box that carries no venue traffic: nothing is enforced, the address is only reported. */
  readonly egressIP?: string;
  /** URLs that answer with the address they saw; two must agree (all of them, where there is but one). */
  readonly echoEndpoints: readonly string[];
  /** Set by the operator when the box is drained and the object is deleted: only then does the agent remove its rules. */
  readonly isReleased?: boolean;
}

/**
 * RulesApplied: the node's rules are those of the spec; False with reason RulesRemoved once a released object's are gone
 * (the operator then takes its finalizer off). GuardActive: nothing leaves with another source. Verified: echo services
 * saw the right address; the operator sets taint and readiness gates from it and from the age of `verifiedAt`.
 */
export const NODE_EGRESS_CONDITIONS = ['RulesApplied', 'GuardActive', 'Verified'] as const;
export type NodeEgressConditionType = (typeof NODE_EGRESS_CONDITIONS)[number];

/** Written by that node's agent only. */
export interface NodeEgressStatus {
  readonly observedGeneration: number;
  /** What the echo services saw last, one entry each. */
  readonly observed?: readonly {
    readonly endpoint: string;
    readonly address?: string;
    readonly error?: string;
  }[];
  /** The address that they agree on. */
  readonly observedIP?: string;
  readonly rulesHash?: string;
  readonly verifiedAt?: string;
  /** See {@link NODE_EGRESS_CONDITIONS}. */
  readonly conditions?: readonly Condition[];
}
