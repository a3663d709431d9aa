import { KRAITE_FLEET, KRAITE_NODE_EGRESS, KRAITE_WORKER_POOL } from '#operator/api';
import { KINDS } from '#operator/resources';
import type { ResourceKind } from '#operator/runtime';

/** One rule of a Role, as Kubernetes has it. */
export interface AccessRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** A Role whose rules are a file of `charts/kraite-operator/files/rbac`. */
export interface AccessRole {
  readonly name: string;
  /** `cluster`: everywhere. `fleets`: in namespaces with fleets. `system`: where operator and agents run. */
  readonly scope: 'cluster' | 'fleets' | 'system';
  readonly rules: readonly AccessRule[];
}

/** Of what stands in the operator's cache: it asks for no single object. */
const READ = ['list', 'watch'];
/** Server-side apply asks for `patch`, and for `create` where the object is new. */
const OWN = [...READ, 'create', 'patch', 'delete'];
/** Of what no fleet owns and the operator never takes away. */
const KEEP = [...READ, 'create', 'patch'];

/**
 * What operator and node agents may do, and why.
 *
 * Nobody may make roles, so nobody may give himself more than this.
 */
export const ACCESS_ROLES: readonly AccessRole[] = [
  {
    name: 'kraite-operator-cluster',
    scope: 'cluster',
    rules: [
      // Labels and taints of the boxes.
      rule(KINDS.Node, [...READ, 'patch']),
      rule(KINDS.PersistentVolume, OWN),
      // Shared by all fleets, so never deleted.
      rule(KINDS.PriorityClass, KEEP),
      // Its status is the agents'.
      rule(KRAITE_NODE_EGRESS, OWN),
      // Those of a node stand in the namespace `default`.
      {
        apiGroups: ['events.k8s.io'],
        resources: ['events'],
        verbs: ['create', 'patch'],
      },
    ],
  },
  {
    name: 'kraite-operator-fleets',
    scope: 'fleets',
    rules: [
      rule(KRAITE_FLEET, [...READ, 'patch']),
      rule(KRAITE_FLEET, ['patch'], 'status'),
      // Owner references that hold the owner's deletion up.
      rule(KRAITE_FLEET, ['update'], 'finalizers'),
      rule(KRAITE_WORKER_POOL, OWN),
      rule(KRAITE_WORKER_POOL, ['patch'], 'status'),
      // The address that leads to the sites: the operator is their load balancer.
      rule(KINDS.Service, ['patch'], 'status'),
      ...[
        KINDS.ConfigMap,
        KINDS.Service,
        KINDS.PersistentVolumeClaim,
        KINDS.Deployment,
        KINDS.StatefulSet,
        KINDS.Job,
        KINDS.NetworkPolicy,
        KINDS.PodDisruptionBudget,
      ].map((kind) => rule(kind, OWN)),
      // One for each fleet, as long as it lives; its owner takes it away.
      rule(KINDS.ServiceAccount, KEEP),
      // Made once; what a Secret holds is never written over and never taken away.
      rule(KINDS.Secret, [...READ, 'create']),
      // Annotations for the kubelet, and the readiness gate. Deployments end pods, not the operator.
      rule(KINDS.Pod, [...READ, 'patch']),
      rule(KINDS.Pod, ['patch'], 'status'),
    ],
  },
  {
    name: 'kraite-operator-system',
    scope: 'system',
    rules: [
      rule(KINDS.Lease, ['get', 'create', 'update']),
      // Node agents, their probes, and what a probe may reach.
      rule(KINDS.DaemonSet, KEEP),
      rule(KINDS.NetworkPolicy, KEEP),
    ],
  },
  {
    name: 'kraite-node-agent',
    scope: 'cluster',
    rules: [
      // An admission policy bounds each agent to the object of its own node.
      rule(KRAITE_NODE_EGRESS, ['get', ...READ]),
      rule(KRAITE_NODE_EGRESS, ['patch'], 'status'),
    ],
  },
];

function rule(kind: ResourceKind, verbs: readonly string[], subresource?: string): AccessRule {
  const [group, version] = kind.apiVersion.split('/');
  const resource = subresource === undefined ? kind.plural : `${kind.plural}/${subresource}`;
  return { apiGroups: [version === undefined ? '' : (group ?? '')], resources: [resource], verbs };
}
