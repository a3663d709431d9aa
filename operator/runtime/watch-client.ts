import type { KubeClient } from './client.ts';
import type { KubeObject, ResourceKind } from './kube-object.ts';

export interface ListPage {
  readonly items: readonly KubeObject[];
  readonly resourceVersion: string;
  /** Absent on the last page. */
  readonly continueToken?: string;
}

export type WatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: KubeObject }
  /** Nothing of interest changed up to this version. */
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

export interface WatchOptions {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly resourceVersion: string;
  /** After which the server ends the watch in order. */
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
  /** Called when the server has begun to answer: from now on nothing is missed. */
  readonly onOpen?: () => void;
}

/** What a reflector needs beyond {@link KubeClient}. */
export interface WatchingKubeClient extends KubeClient {
  listPage(
    kind: ResourceKind,
    options: {
      readonly namespace?: string | undefined;
      readonly labelSelector?: string | undefined;
      readonly limit: number;
      readonly continueToken?: string | undefined;
      readonly signal?: AbortSignal | undefined;
    },
  ): Promise<ListPage>;
  /**
   * Yields changes after `resourceVersion` until the server ends the watch.
   *
   * Throws KubeApiError (410: list anew; also when the server says so in the middle) and KubeUnreachableError (the
   * connection was lost: go on from the last version seen).
   */
  watch(kind: ResourceKind, options: WatchOptions): AsyncIterable<WatchEvent>;
}
