import type { Clock, Random } from '#pkg/base';
import type { Logger } from '#pkg/observability';
import type { Cache, EventRecorder, KubeClient } from './client.ts';
import type { KubeObject, ResourceKind } from './kube-object.ts';
import type { Reconciler, Request } from './reconciler.ts';

export interface ControllerOptions {
  /** Label `controller` of its metrics, and its log field. */
  readonly name: string;
  /** One key for each object of this kind. */
  readonly watched: ResourceKind;
  /** A change of an object with a controller owner of the `watched` kind enqueues that owner. */
  readonly owned?: readonly ResourceKind[];
  /** A change of an object of `kind`, in the manager's namespaces or in those named here, enqueues what `toRequests` names. */
  readonly mapped?: readonly {
    readonly kind: ResourceKind;
    readonly namespaces?: readonly string[];
    readonly toRequests: (object: KubeObject, cache: Cache) => readonly Request[];
  }[];
  readonly reconciler: Reconciler;
  readonly concurrency?: number;
  /** Each key is looked at again at least this often (default 10 min). */
  readonly resyncMs?: number;
  readonly reconcileTimeoutMs?: number;
}

export interface ManagerOptions {
  /** Name of the Lease and of the field manager, for example `kraite-operator`. */
  readonly name: string;
  /** Of the Lease. */
  readonly namespace: string;
  /** Unique among all processes that ever ran. */
  readonly identity: string;
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Watched namespaces; all of them when absent. */
  readonly namespaces?: readonly string[];
  /** Called once when the lease is lost: the process must end. */
  readonly onLeaseLost: () => void;
}

/** Reflectors, caches, controllers and the lease of one process. */
export interface Manager extends AsyncDisposable {
  readonly cache: Cache;
  readonly recorder: EventRecorder;
  /** `leaseTransitions` of the lease that this process holds: the fencing epoch. Undefined while it does not lead. */
  epoch(): number | undefined;
  add(options: ControllerOptions): void;
  /** Starts caches, waits for them, takes the lease, then runs the controllers until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
  isReady(): boolean;
}
