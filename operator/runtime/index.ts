/**
 * runtime: what an operator needs of Kubernetes, with controller-runtime's semantics: client, reflectors, caches,
 * work queues, controllers, server-side apply, leader election, events, health and metrics.
 *
 * It knows no kind of ours and imports nothing of `pkg` but `base` and `observability`: it would stand as a package
 * of its own (README.md beside this file, with an example controller). Invariants: one key never runs twice at a time;
 * an event is only a hint to look; what was stopped stays stopped; manifests go over the wire as raw JSON.
 */
export type {
  ApplyOptions,
  Cache,
  DeleteOptions,
  EventRecorder,
  KubeClient,
  ListOptions,
} from './client.ts';
export {
  refOf,
  type Condition,
  type KubeObject,
  type ObjectMeta,
  type ObjectRef,
  type OwnerReference,
  type ResourceKind,
} from './kube-object.ts';
export type { ControllerOptions, Manager, ManagerOptions } from './manager.ts';
export { TerminalError, type Reconciler, type Request, type Result } from './reconciler.ts';
export {
  isAlreadyExists,
  isConflict,
  isGone,
  isNotFound,
  KubeApiError,
  KubeUnreachableError,
} from './errors.ts';
export { createRestClient, makeIdentity, type RestClientOptions } from './kube-client.ts';
export {
  TransportError,
  type KubeTransport,
  type TransportRequest,
  type TransportResponse,
  type TransportStream,
} from './transport.ts';
export type { ListPage, WatchEvent, WatchingKubeClient, WatchOptions } from './watch-client.ts';
export { applyOwned, carries, hashOf, type ApplyOwnedOptions } from './apply-owned.ts';
export { mergeConditions, type WantedCondition } from './conditions.ts';
export { createManager, type CreateManagerOptions } from './create-manager.ts';
export { connectToCluster } from './http-transport.ts';
export type { KubeAccess, PodPlace } from './kube-access.ts';
export { loadKubeAccess } from './load-kube-access.ts';
export { LEASE_DURATIONS, type LeaseDurations } from './leader-election.ts';
export { controllerOf, controllerReference, finalizerPatch, hasFinalizer } from './owners.ts';
export { createKindStore, type KindStore, type WritableKindStore } from './cache.ts';
export { startReflector, type Reflector, type ReflectorOptions } from './reflector.ts';
