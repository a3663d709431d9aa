import { randomUUID } from 'node:crypto';
import type { ApplyOptions, DeleteOptions } from './client.ts';
import { isGone, isNotFound, KubeApiError, KubeUnreachableError } from './errors.ts';
import { createKindDirectory } from './kind-directory.ts';
import type { KubeObject, ObjectRef, ResourceKind } from './kube-object.ts';
import {
  collectionPath,
  groupVersionPath,
  objectPath,
  withQuery,
  type Query,
} from './resource-paths.ts';
import {
  createRestCaller,
  toApiError,
  type RestCall,
  type RestCallerOptions,
} from './rest-caller.ts';
import type { ListPage, WatchEvent, WatchingKubeClient, WatchOptions } from './watch-client.ts';

export interface RestClientOptions extends RestCallerOptions {
  /** Kinds whose place is known beforehand; others are asked of the API server once. */
  readonly kinds?: readonly ResourceKind[];
}

const PAGE_SIZE = 500;
const LIST_RESTARTS_MAX = 3;

/** Returns a client of one API server over any transport; disposing it disposes the transport. */
export function createRestClient(options: RestClientOptions): WatchingKubeClient {
  return new RestClient(options);
}

class RestClient implements WatchingKubeClient {
  readonly #caller;
  readonly #transport;
  readonly #directory;

  constructor(options: RestClientOptions) {
    this.#transport = options.transport;
    this.#caller = createRestCaller(options);
    this.#directory = createKindDirectory(async (apiVersion, signal) => {
      const body = await this.#read(groupVersionPath(apiVersion), signal);
      return (body as { readonly resources?: readonly never[] }).resources ?? [];
    });
    for (const kind of options.kinds ?? []) this.#directory.learn(kind);
  }

  async find(
    kind: ResourceKind,
    name: { readonly namespace?: string; readonly name: string },
    signal?: AbortSignal,
  ): Promise<KubeObject | undefined> {
    try {
      return (await this.#read(objectPath(kind, name), signal)) as KubeObject;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async list(
    kind: ResourceKind,
    options: {
      readonly namespace?: string;
      readonly labelSelector?: string;
      readonly signal?: AbortSignal;
    } = {},
  ): Promise<readonly KubeObject[]> {
    for (let restarts = 0; ; restarts += 1) {
      try {
        return (await listWhole(this, kind, options)).items;
      } catch (error) {
        if (!isGone(error) || restarts >= LIST_RESTARTS_MAX) throw error;
      }
    }
  }

  async listPage(
    kind: ResourceKind,
    options: Parameters<WatchingKubeClient['listPage']>[1],
  ): Promise<ListPage> {
    const { namespace, labelSelector, limit, continueToken } = options;
    const path = withQuery(collectionPath(kind, namespace), {
      limit,
      labelSelector,
      continue: continueToken,
    });
    const body = (await this.#read(path, options.signal)) as ListBody;
    const items = (body.items ?? []).map((item) => ({
      ...item,
      apiVersion: kind.apiVersion,
      kind: kind.kind,
    }));
    const next = body.metadata.continue;
    return {
      items,
      resourceVersion: body.metadata.resourceVersion ?? '',
      ...(next === undefined || next === '' ? {} : { continueToken: next }),
    };
  }

  async *watch(kind: ResourceKind, options: WatchOptions): AsyncGenerator<WatchEvent> {
    const { namespace, labelSelector, resourceVersion, timeoutSeconds, signal } = options;
    const path = withQuery(collectionPath(kind, namespace), {
      watch: true,
      allowWatchBookmarks: true,
      labelSelector,
      resourceVersion,
      timeoutSeconds,
    });
    const call = `WATCH ${path}`;
    const { status, headers, chunks } = await this.#caller.open(path, signal);
    if (status >= 400) {
      throw toApiError(call, { status, headers, body: await readAll(chunks, call, signal) });
    }
    options.onOpen?.();
    for await (const line of readLines(chunks, call, signal)) yield parseEvent(line, call);
  }

  async apply(object: KubeObject, options: ApplyOptions): Promise<KubeObject> {
    const kind = await this.#directory.resolve(object, options.signal);
    return this.#write({
      method: 'PATCH',
      path: withQuery(objectPath(kind, object.metadata, options.subresource), {
        fieldManager: options.fieldManager,
        force: options.isForced ?? true,
      }),
      contentType: 'application/apply-patch+yaml',
      body: JSON.stringify(object),
      isIdempotent: true,
      signal: options.signal,
    });
  }

  async create(object: KubeObject, signal?: AbortSignal): Promise<KubeObject> {
    const kind = await this.#directory.resolve(object, signal);
    return this.#write({
      method: 'POST',
      path: collectionPath(kind, object.metadata.namespace),
      contentType: 'application/json',
      body: JSON.stringify(object),
      isIdempotent: false,
      signal,
    });
  }

  async replace(
    object: KubeObject,
    options: { readonly subresource?: 'status'; readonly signal?: AbortSignal } = {},
  ): Promise<KubeObject> {
    const kind = await this.#directory.resolve(object, options.signal);
    return this.#write({
      method: 'PUT',
      path: objectPath(kind, object.metadata, options.subresource),
      contentType: 'application/json',
      body: JSON.stringify(object),
      // With its resourceVersion a second PUT ends in a conflict; without one it would write over a stranger's change.
      isIdempotent: object.metadata.resourceVersion !== undefined,
      signal: options.signal,
    });
  }

  async mergePatch(
    ref: ObjectRef,
    patch: unknown,
    options: {
      readonly subresource?: 'status' | 'scale';
      readonly fieldManager?: string;
      readonly signal?: AbortSignal;
    } = {},
  ): Promise<KubeObject> {
    const kind = await this.#directory.resolve(ref, options.signal);
    const query: Query = { fieldManager: options.fieldManager };
    return this.#write({
      method: 'PATCH',
      path: withQuery(objectPath(kind, ref, options.subresource), query),
      contentType: 'application/merge-patch+json',
      body: JSON.stringify(patch),
      isIdempotent: true,
      signal: options.signal,
    });
  }

  async delete(ref: ObjectRef, options: DeleteOptions = {}): Promise<boolean> {
    const kind = await this.#directory.resolve(ref, options.signal);
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: options.propagation ?? 'Background',
      ...(options.uid === undefined ? {} : { preconditions: { uid: options.uid } }),
    };
    let wasRepeated = false;
    try {
      await this.#caller.call({
        method: 'DELETE',
        path: objectPath(kind, ref),
        contentType: 'application/json',
        body: JSON.stringify(body),
        isIdempotent: true,
        signal: options.signal,
        onRepeat: () => {
          wasRepeated = true;
        },
      });
      return true;
    } catch (error) {
      // After a lost reply, "not found" may be the work of our own first try.
      if (isNotFound(error)) return wasRepeated;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#transport[Symbol.asyncDispose]();
  }

  async #read(path: string, signal: AbortSignal | undefined): Promise<unknown> {
    const answer = await this.#caller.call({ method: 'GET', path, isIdempotent: true, signal });
    return JSON.parse(answer) as unknown;
  }

  async #write(call: RestCall): Promise<KubeObject> {
    return JSON.parse(await this.#caller.call(call)) as KubeObject;
  }
}

interface ListBody {
  readonly metadata: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly KubeObject[];
}

/** Reads every page of a list. Throws a 410 when it grew too old on the way: begin again. */
export async function listWhole(
  client: Pick<WatchingKubeClient, 'listPage'>,
  kind: ResourceKind,
  options: {
    readonly namespace?: string | undefined;
    readonly labelSelector?: string | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<{ readonly items: readonly KubeObject[]; readonly resourceVersion: string }> {
  const items: KubeObject[] = [];
  let continueToken: string | undefined;
  for (;;) {
    const page: ListPage = await client.listPage(kind, {
      ...options,
      limit: PAGE_SIZE,
      continueToken,
    });
    items.push(...page.items);
    if (page.continueToken === undefined) return { items, resourceVersion: page.resourceVersion };
    continueToken = page.continueToken;
  }
}

async function* guardChunks(
  chunks: AsyncIterable<string>,
  call: string,
  signal: AbortSignal,
): AsyncGenerator<string> {
  try {
    yield* chunks;
  } catch (error) {
    signal.throwIfAborted();
    throw new KubeUnreachableError(call, error, { isOutcomeUnknown: false });
  }
}

async function readAll(
  chunks: AsyncIterable<string>,
  call: string,
  signal: AbortSignal,
): Promise<string> {
  let text = '';
  for await (const chunk of guardChunks(chunks, call, signal)) text += chunk;
  return text;
}

async function* readLines(
  chunks: AsyncIterable<string>,
  call: string,
  signal: AbortSignal,
): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of guardChunks(chunks, call, signal)) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield line;
  }
}

interface RawEvent {
  readonly type: string;
  readonly object: KubeObject & {
    readonly code?: number;
    readonly reason?: string;
    readonly message?: string;
  };
}

function parseEvent(line: string, call: string): WatchEvent {
  let event: RawEvent;
  try {
    event = JSON.parse(line) as RawEvent;
  } catch (error) {
    throw new KubeUnreachableError(call, error, { isOutcomeUnknown: false });
  }
  switch (event.type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type: event.type, object: event.object };
    case 'BOOKMARK':
      return { type: 'BOOKMARK', resourceVersion: event.object.metadata.resourceVersion ?? '' };
    default:
      throw new KubeApiError(event.object.code ?? 500, event.object, { call });
  }
}

/** Returns a name that no process ever had: `<prefix>_<uuid>`. */
export function makeIdentity(prefix: string): string {
  return `${prefix}_${randomUUID()}`;
}
