import { assert, type Clock } from '#pkg/base';
import {
  TransportError,
  type KubeTransport,
  type ResourceKind,
  type TransportRequest,
  type TransportResponse,
  type TransportStream,
} from '#operator/runtime';
import { createFedStream } from './watch-stream.ts';
import type { FaultPlan } from './faults.ts';
import { ObjectStore, type Change } from './object-store.ts';
import { matchesSelector } from './label-selector.ts';
import { parseRoute, type Route } from './routes.ts';
import { refusal, ok, RefusedError, type JsonAnswer } from './answers.ts';
import { runWrite, type WriteContext } from './writes.ts';

export interface SimulatedKind extends ResourceKind {
  /** Where the scale subresource finds the replicas (default `spec.replicas`). */
  readonly scalePath?: readonly string[];
}

export interface WriteRecord {
  readonly client: string;
  readonly method: string;
  readonly path: string;
  readonly body: string | undefined;
  readonly status: number;
}

export interface ApiServerOptions {
  readonly clock: Clock;
  readonly kinds: readonly SimulatedKind[];
  readonly faults?: FaultPlan;
  /** Called for each object that a write would store, before it does; a thrown RefusedError is the answer. */
  readonly admit?: WriteContext['admit'];
}

/** An API server in memory: enough of Kubernetes for an operator, at the level of HTTP requests. */
export class SimulatedApiServer {
  readonly store: ObjectStore;
  readonly #clock: Clock;
  readonly #kinds: SimulatedKind[];
  readonly #admit: WriteContext['admit'];
  readonly #watches = new Set<{
    readonly client: string;
    readonly break: (isGone: boolean) => void;
  }>();
  readonly #cut = new Set<string>();
  /** Every write that was carried out, in order. */
  readonly writes: WriteRecord[] = [];
  /** Counts by verb, refused ones too. */
  readonly requests = new Map<string, number>();
  faults: FaultPlan | undefined;

  constructor(options: ApiServerOptions) {
    this.#clock = options.clock;
    this.#kinds = [...options.kinds];
    this.#admit = options.admit;
    this.faults = options.faults;
    this.store = new ObjectStore(options.clock);
  }

  register(kind: SimulatedKind): void {
    this.#kinds.push(kind);
  }

  /** Returns a way to this server for one client, which `cutOff` can take away. */
  connect(client: string): KubeTransport {
    return {
      host: 'simulated',
      request: (request) => this.#request(client, request),
      stream: (request) => this.#stream(client, request),
      [Symbol.asyncDispose]: async () => this.dropWatches({ client }),
    };
  }

  /** From now on nothing of `client` arrives, and its watches hang without a word. */
  cutOff(client: string): void {
    this.#cut.add(client);
  }

  reconnect(client: string): void {
    this.#cut.delete(client);
    this.dropWatches({ client });
  }

  /** Breaks open watches; with `isGone` by a 410 in the stream. */
  dropWatches(options: { readonly client?: string; readonly isGone?: boolean } = {}): void {
    for (const watch of [...this.#watches]) {
      if (options.client === undefined || options.client === watch.client) {
        watch.break(options.isGone === true);
      }
    }
  }

  async #request(client: string, request: TransportRequest): Promise<TransportResponse> {
    await this.#arrive(client, request.signal);
    const route = parseRoute(request.method, request.path, this.#kinds);
    const refused = await this.#fail(client, route, request);
    if (refused !== undefined) return refused;
    const answer = this.#answer(client, route, request);
    if (this.#cut.has(client)) throw await hang(request.signal);
    return answer;
  }

  /** Network time passes; nothing arrives while the client is cut off. */
  async #arrive(client: string, signal: AbortSignal): Promise<void> {
    await Promise.resolve();
    signal.throwIfAborted();
    if (this.#cut.has(client)) throw await hang(signal);
  }

  async #fail(
    client: string,
    route: Route,
    request: TransportRequest,
  ): Promise<TransportResponse | undefined> {
    const { verb, plural, query } = route;
    this.requests.set(verb, (this.requests.get(verb) ?? 0) + 1);
    const isContinued = query.has('continue');
    const fault = this.faults?.({ verb, plural, isContinued, client });
    switch (fault?.kind) {
      case 'refuse': {
        const { status, retryAfterSeconds } = fault;
        const headers: Record<string, string> =
          retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
        return refusal(status, { message: 'the simulation refuses', headers });
      }
      case 'loseReply':
        if (fault.isDone) this.#answer(client, route, request);
        throw new TransportError('connection reset', { isSent: true });
      case 'delay':
        await this.#clock.sleep(fault.delayMs, request.signal);
        if (request.signal.aborted) throw new TransportError('aborted', { isSent: true });
        return undefined;
      case 'dropWatch':
      case 'expireWatch':
      case undefined:
        return undefined;
    }
  }

  #answer(client: string, route: Route, request: TransportRequest): TransportResponse {
    let answer: JsonAnswer;
    try {
      answer = this.#carryOut(route, request);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      answer = error.answer;
    }
    const { method, path, body } = request;
    if (method !== 'GET') this.writes.push({ client, method, path, body, status: answer.status });
    return answer;
  }

  #carryOut(route: Route, request: TransportRequest): JsonAnswer {
    if (route.verb === 'discover') return this.#discover(route.apiVersion);
    const { kind, name, plural, namespace, query } = route;
    if (kind === undefined) return refusal(404, { message: `no resource ${plural} here` });
    switch (route.verb) {
      case 'get': {
        const key = this.store.key(kind.apiVersion, plural, { namespace, name });
        const stored = this.store.find(key);
        return stored === undefined
          ? refusal(404, { message: `${plural} "${name}" not found` })
          : ok(stored.body);
      }
      case 'list': {
        const all = this.store
          .list(kind.apiVersion, plural, namespace)
          .filter(({ body }) =>
            matchesSelector(body.metadata.labels ?? {}, query.get('labelSelector') ?? undefined),
          );
        const from = Number(query.get('continue') ?? 0);
        const limit = Number(query.get('limit') ?? 0) || all.length;
        const isMore = from + limit < all.length;
        return ok({
          apiVersion: kind.apiVersion,
          kind: `${kind.kind}List`,
          metadata: {
            resourceVersion: String(this.store.version),
            ...(isMore ? { continue: String(from + limit) } : {}),
          },
          items: all.slice(from, from + limit).map(({ body }) => body),
        });
      }
      default:
        return runWrite(route, { ...request, kind }, { store: this.store, admit: this.#admit });
    }
  }

  #discover(apiVersion: string): JsonAnswer {
    const resources = this.#kinds
      .filter((kind) => kind.apiVersion === apiVersion)
      .map(({ plural, kind, isNamespaced }) => ({ name: plural, kind, namespaced: isNamespaced }));
    if (resources.length === 0) return refusal(404, { message: 'no such group version' });
    return ok({ kind: 'APIResourceList', groupVersion: apiVersion, resources });
  }

  async #stream(client: string, request: TransportRequest): Promise<TransportStream> {
    await this.#arrive(client, request.signal);
    const route = parseRoute(request.method, request.path, this.#kinds);
    const { kind, plural, query, namespace } = route;
    this.requests.set('watch', (this.requests.get('watch') ?? 0) + 1);
    const fault = this.faults?.({ verb: 'watch', plural, isContinued: false, client });
    if (fault?.kind === 'loseReply') throw new TransportError('connection reset', { isSent: true });
    if (fault?.kind === 'delay') await this.#clock.sleep(fault.delayMs, request.signal);
    request.signal.throwIfAborted();
    if (kind === undefined) return asStream(refusal(404, { message: `no resource ${plural}` }));
    if (fault?.kind === 'refuse') return asStream(refusal(fault.status, {}));
    const version = Number(query.get('resourceVersion') ?? 0);
    const missed = this.store.since(version);
    if (missed === undefined)
      return asStream(refusal(410, { message: 'too old resource version' }));
    const chunks = this.#openWatch(client, { kind, namespace, query }, request.signal, missed);
    if (fault?.kind === 'dropWatch' || fault?.kind === 'expireWatch') {
      this.#clock.schedule(fault.afterMs, () => chunks.break(fault.kind === 'expireWatch'));
    }
    return { status: 200, headers: {}, chunks: chunks.stream };
  }

  #openWatch(
    client: string,
    scope: {
      readonly kind: ResourceKind;
      readonly namespace: string | undefined;
      readonly query: URLSearchParams;
    },
    signal: AbortSignal,
    missed: readonly Change[],
  ) {
    const { kind, namespace, query } = scope;
    const cleanUps: (() => void)[] = [];
    const stream = createFedStream(() => {
      this.#watches.delete(watch);
      for (const cleanUp of cleanUps) cleanUp();
    });
    const write = (event: unknown): void => {
      if (!this.#cut.has(client)) stream.push(`${JSON.stringify(event)}\n`);
    };
    const watch = {
      client,
      stream,
      break: (isGone: boolean): void => {
        if (isGone) {
          write({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
          stream.end();
        } else {
          stream.fail(new TransportError('terminated', { isSent: true }));
        }
      },
    };
    this.#watches.add(watch);
    let lastVersion = Number(query.get('resourceVersion') ?? 0);
    const onChange = (change: Change): void => {
      if (change.group !== kind.apiVersion || change.plural !== kind.plural) return;
      const { metadata } = change.object;
      if (namespace !== undefined && metadata.namespace !== namespace) return;
      if (!matchesSelector(metadata.labels ?? {}, query.get('labelSelector') ?? undefined)) return;
      lastVersion = change.version;
      write({ type: change.type, object: change.object });
    };
    for (const change of missed) onChange(change);
    cleanUps.push(this.store.subscribe(onChange));
    const bookmark = (): void => {
      // Every other bookmark comes late and tells an older version than events did before it.
      const version = this.#clock.nowMs() % 2 === 0 ? this.store.version : lastVersion;
      write({
        type: 'BOOKMARK',
        object: { ...kind, metadata: { resourceVersion: String(version) } },
      });
      cleanUps.push(this.#clock.schedule(BOOKMARK_MS, bookmark));
    };
    cleanUps.push(this.#clock.schedule(BOOKMARK_MS, bookmark));
    const timeoutMs = Number(query.get('timeoutSeconds') ?? 1_800) * 1_000;
    cleanUps.push(this.#clock.schedule(timeoutMs, () => stream.end()));
    const onAbort = (): void => stream.fail(new TransportError('aborted', { isSent: true }));
    signal.addEventListener('abort', onAbort, { once: true });
    return watch;
  }
}

const BOOKMARK_MS = 55_000;

function asStream(answer: JsonAnswer): TransportStream {
  return {
    ...answer,
    chunks: (async function* () {
      yield answer.body;
    })(),
  };
}

/** Resolves to the error that a request ends in when its signal aborts: no answer will ever come. */
function hang(signal: AbortSignal): Promise<TransportError> {
  assert(!signal.aborted, 'a request that hangs has a deadline still to come');
  return new Promise((resolve) => {
    const give = (): void => resolve(new TransportError('no answer', { isSent: true }));
    signal.addEventListener('abort', give, { once: true });
  });
}
