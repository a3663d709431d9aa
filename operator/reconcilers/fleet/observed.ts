import type { ProcessFacts } from '#pkg/observability';
import type { FleetObject, NodeEgressObject } from '#operator/api';
import type { KubeObject } from '#operator/runtime';
import type { Refusal } from './plan-roll.ts';

/** What is, in one snapshot: all that {@link planOperations} may look at. */
export interface Observed {
  readonly nowMs: number;
  readonly fleet: FleetObject;
  /** Kinds whose cache was never whole or is old by now. While there is one, nothing is changed. */
  readonly staleKinds: readonly string[];
  /** Every other fleet of the cluster. */
  readonly otherFleets: readonly FleetObject[];
  /** Whatever carries this fleet's label, and what all fleets share, but no pods. */
  readonly objects: readonly KubeObject[];
  /** Pods that carry this fleet's label. */
  readonly pods: readonly KubeObject[];
  /** Every node of the cluster. */
  readonly nodes: readonly KubeObject[];
  readonly nodeEgresses: readonly NodeEgressObject[];
  /** What pods said on /readyz not long ago, by name of the pod; a pod that does not answer is absent. */
  readonly facts: ReadonlyMap<string, ProcessFacts>;
  /** What the API server has just refused of the plan that follows from all this. */
  readonly refusal?: Refusal;
}
