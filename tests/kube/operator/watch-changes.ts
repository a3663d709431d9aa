import type { KubeObject, ResourceKind, WatchingKubeClient } from '#operator/runtime';

export interface Changes extends AsyncDisposable {
  /** What the API server told of an object, each with the moment at which it arrived. */
  of(name: string): readonly { readonly object: KubeObject; readonly atMs: number }[];
}

/** Watches a kind beside the operator, so that both see an event at the same time. */
export function watchChanges(
  client: WatchingKubeClient,
  kind: ResourceKind,
  namespace: string,
): Changes {
  const abort = new AbortController();
  const seen: { object: KubeObject; atMs: number }[] = [];
  const watching = (async () => {
    const { resourceVersion } = await client.listPage(kind, { namespace, limit: 1 });
    const events = client.watch(kind, {
      namespace,
      resourceVersion,
      timeoutSeconds: 300,
      signal: abort.signal,
    });
    for await (const event of events) {
      if (event.type !== 'BOOKMARK') seen.push({ object: event.object, atMs: performance.now() });
    }
  })().catch(() => undefined);
  return {
    of: (name) => seen.filter(({ object }) => object.metadata.name === name),
    [Symbol.asyncDispose]: async () => {
      abort.abort();
      await watching;
    },
  };
}
