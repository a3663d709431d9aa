import type { ResourceKind } from '#operator/runtime';

function namespaced(apiVersion: string, kind: string, plural: string): ResourceKind {
  return { apiVersion, kind, plural, isNamespaced: true };
}

function clusterScoped(apiVersion: string, kind: string, plural: string): ResourceKind {
  return { apiVersion, kind, plural, isNamespaced: false };
}

/** Kinds of Kubernetes itself that a fleet is made of or read from. */
export const KINDS = {
  ConfigMap: namespaced('v1', 'ConfigMap', 'configmaps'),
  Secret: namespaced('v1', 'Secret', 'secrets'),
  Service: namespaced('v1', 'Service', 'services'),
  ServiceAccount: namespaced('v1', 'ServiceAccount', 'serviceaccounts'),
  Pod: namespaced('v1', 'Pod', 'pods'),
  PersistentVolumeClaim: namespaced('v1', 'PersistentVolumeClaim', 'persistentvolumeclaims'),
  Deployment: namespaced('apps/v1', 'Deployment', 'deployments'),
  StatefulSet: namespaced('apps/v1', 'StatefulSet', 'statefulsets'),
  DaemonSet: namespaced('apps/v1', 'DaemonSet', 'daemonsets'),
  Job: namespaced('batch/v1', 'Job', 'jobs'),
  NetworkPolicy: namespaced('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies'),
  PodDisruptionBudget: namespaced('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets'),
  Lease: namespaced('coordination.k8s.io/v1', 'Lease', 'leases'),
  Node: clusterScoped('v1', 'Node', 'nodes'),
  PersistentVolume: clusterScoped('v1', 'PersistentVolume', 'persistentvolumes'),
  PriorityClass: clusterScoped('scheduling.k8s.io/v1', 'PriorityClass', 'priorityclasses'),
} as const satisfies Readonly<Record<string, ResourceKind>>;
