import type { KubeObject, ObjectRef, ResourceKind } from './kube-object.ts';

export interface ListOptions {
  /** Only this namespace; all of them when absent. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly signal?: AbortSignal;
}

export interface ApplyOptions {
  readonly fieldManager: string;
  /** Takes fields that another manager holds (default true). */
  readonly isForced?: boolean;
  readonly subresource?: 'status';
  readonly signal?: AbortSignal;
}

export interface DeleteOptions {
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan';
  /** Refused with a conflict when the object is another one by now. */
  readonly uid?: string;
  readonly signal?: AbortSignal;
}

/**
 * The Kubernetes API, raw JSON in and out.
 *
 * Reads are consistent (they ask the API server); for the cache see {@link Cache}. Failures are `KubeApiError` (the
 * server answered) or `KubeUnreachableError` (it did not); idempotent calls were repeated before one of them is thrown.
 */
export interface KubeClient extends AsyncDisposable {
  find(
    kind: ResourceKind,
    name: { readonly namespace?: string; readonly name: string },
    signal?: AbortSignal,
  ): Promise<KubeObject | undefined>;
  list(kind: ResourceKind, options?: ListOptions): Promise<readonly KubeObject[]>;
  /** Server-side apply; idempotent. Returns the object as it stands now. */
  apply(object: KubeObject, options: ApplyOptions): Promise<KubeObject>;
  /** POST; never repeated when the outcome is unknown. */
  create(object: KubeObject, signal?: AbortSignal): Promise<KubeObject>;
  /** PUT with the resourceVersion of `object`: optimistic concurrency. */
  replace(
    object: KubeObject,
    options?: { readonly subresource?: 'status'; readonly signal?: AbortSignal },
  ): Promise<KubeObject>;
  /** JSON merge patch (RFC 7386). */
  mergePatch(
    ref: ObjectRef,
    patch: unknown,
    options?: {
      readonly subresource?: 'status' | 'scale';
      readonly fieldManager?: string;
      readonly signal?: AbortSignal;
    },
  ): Promise<KubeObject>;
  /** False when there was none. */
  delete(ref: ObjectRef, options?: DeleteOptions): Promise<boolean>;
}

/** Newest known state of the watched kinds, kept by reflectors. Objects are frozen and carry no managedFields. */
export interface Cache {
  find(
    kind: ResourceKind,
    name: { readonly namespace?: string; readonly name: string },
  ): KubeObject | undefined;
  list(
    kind: ResourceKind,
    options?: { readonly namespace?: string; readonly labels?: Readonly<Record<string, string>> },
  ): readonly KubeObject[];
  /** Every object of the kind that names `uid` among its owners. */
  listOwned(kind: ResourceKind, uid: string): readonly KubeObject[];
  /** False while a kind was never listed whole, or its watch has been silent or broken for too long. */
  isFresh(kind: ResourceKind): boolean;
}

/** Writes events.k8s.io/v1 events, merged and capped; never throws and never waits. */
export interface EventRecorder {
  record(
    regarding: KubeObject,
    event: {
      readonly type: 'Normal' | 'Warning';
      readonly reason: string;
      readonly action: string;
      readonly note: string;
    },
  ): void;
}
