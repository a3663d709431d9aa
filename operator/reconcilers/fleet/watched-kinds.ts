import { KRAITE_FLEET, KRAITE_NODE_EGRESS, KRAITE_WORKER_POOL } from '#operator/api';
import { KINDS } from '#operator/resources';
import type { ResourceKind } from '#operator/runtime';

/** Kinds whose objects a fleet owns. */
export const OWNED_KINDS: readonly ResourceKind[] = [
  KRAITE_WORKER_POOL,
  KINDS.ConfigMap,
  KINDS.Service,
  KINDS.ServiceAccount,
  KINDS.Deployment,
  KINDS.StatefulSet,
  KINDS.Job,
  KINDS.NetworkPolicy,
  KINDS.PodDisruptionBudget,
];

/** Kinds of which a fleet has some that outlive it, found by its label. */
export const KEPT_KINDS: readonly ResourceKind[] = [
  KINDS.Secret,
  KINDS.PersistentVolumeClaim,
  KINDS.PersistentVolume,
];

/** Kinds that all fleets of a cluster share. */
export const SHARED_KINDS: readonly ResourceKind[] = [KINDS.PriorityClass];

/** Everything that a decision depends on: nothing is changed while one of them is not seen freshly. */
export const OBSERVED_KINDS: readonly ResourceKind[] = [
  KRAITE_FLEET,
  KRAITE_NODE_EGRESS,
  KINDS.Node,
  KINDS.Pod,
  ...OWNED_KINDS,
  ...KEPT_KINDS,
  ...SHARED_KINDS,
];
