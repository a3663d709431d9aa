import { toError, type Clock, type Random } from '#pkg/base';
import type { ControllerMetrics, Logger } from '#pkg/observability';
import type { Cache } from './client.ts';
import { kindKey, type KindStore, type StoreChange } from './cache.ts';
import { isConflict } from './errors.ts';
import type { KubeObject } from './kube-object.ts';
import type { ControllerOptions } from './manager.ts';
import { controllerOf } from './owners.ts';
import { TerminalError, type Request, type Result } from './reconciler.ts';
import { createWorkQueue, type WorkQueue } from './work-queue.ts';

export interface ControllerDependencies {
  readonly stores: ReadonlyMap<string, KindStore>;
  readonly cache: Cache;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics?: ControllerMetrics | undefined;
}

/** One running controller: changes become keys, keys become calls of the reconciler. */
export interface Controller {
  /** Works until `stop` aborts, and resolves when the keys under way have ended; `calls` aborts those too. Never rejects. */
  run(signals: { readonly stop: AbortSignal; readonly calls: AbortSignal }): Promise<void>;
}

const RESYNC_MS = 600_000;
const RESYNC_SPREAD = 0.1;
const TIMEOUT_MS = 60_000;

type MapRequests = NonNullable<ControllerOptions['mapped']>[number]['toRequests'];

/** Names of metrics are counted per controller; the outcome is one of controller-runtime's words. */
type Outcome = 'success' | 'error' | 'requeue' | 'requeue_after';

export function createController(
  options: ControllerOptions,
  dependencies: ControllerDependencies,
): Controller {
  return new KeyController(options, dependencies);
}

class KeyController implements Controller {
  readonly #options: ControllerOptions;
  readonly #dependencies: ControllerDependencies;
  readonly #queue: WorkQueue;
  #active = 0;
  #calls = 0;

  constructor(options: ControllerOptions, dependencies: ControllerDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
    const { clock, random, metrics } = dependencies;
    this.#queue = createWorkQueue({ name: options.name, clock, random, metrics });
    this.#listen();
    metrics?.set(
      'controller_runtime_max_concurrent_reconciles',
      this.#label(),
      options.concurrency ?? 1,
    );
  }

  async run({ stop, calls }: Parameters<Controller['run']>[0]): Promise<void> {
    this.#addAll();
    const close = (): void => this.#queue.close();
    if (stop.aborted) close();
    stop.addEventListener('abort', close, { once: true });
    const workers = Array.from({ length: this.#options.concurrency ?? 1 }, () => this.#work(calls));
    await Promise.all(workers);
  }

  /** Handlers only enqueue: a reconciler reads the world for itself. */
  #listen(): void {
    const { watched, owned = [], mapped = [] } = this.#options;
    // Something of ours may have come and gone again unseen before a new list, and then nothing else would tell.
    const addAll = (): void => this.#addAll();
    this.#store(kindKey(watched)).subscribe((change) => {
      const object = change.object ?? change.old;
      if (object !== undefined) this.#queue.add(keyOfObject(object));
    });
    for (const kind of owned) {
      this.#store(kindKey(kind)).subscribe((change) => {
        for (const object of bothOf(change)) {
          const owner = controllerOf(object);
          if (owner?.kind !== watched.kind || owner.apiVersion !== watched.apiVersion) continue;
          const namespace = watched.isNamespaced ? (object.metadata.namespace ?? '') : '';
          this.#queue.add(keyOf({ namespace, name: owner.name }));
        }
      }, addAll);
    }
    for (const { kind, toRequests } of mapped) {
      this.#store(kindKey(kind)).subscribe((change) => {
        for (const object of bothOf(change)) {
          for (const request of this.#map(toRequests, object)) this.#queue.add(keyOf(request));
        }
      }, addAll);
    }
  }

  #addAll(): void {
    for (const object of this.#store(kindKey(this.#options.watched)).list()) {
      this.#queue.add(keyOfObject(object));
    }
  }

  /** A mapping that throws must not break the watch that called it. */
  #map(toRequests: MapRequests, object: KubeObject): readonly Request[] {
    const { cache, logger, metrics } = this.#dependencies;
    try {
      return toRequests(object, cache);
    } catch (error) {
      metrics?.increment('controller_runtime_reconcile_panics_total', this.#label());
      const { kind, metadata } = object;
      const fields = { controller: this.#options.name, kind, name: metadata.name };
      logger.error({ err: toError(error), ...fields }, 'a change could not be mapped to requests');
      return [];
    }
  }

  #store(key: string): KindStore {
    const store = this.#dependencies.stores.get(key);
    if (store === undefined) throw new Error(`no reflector runs for ${key}`);
    return store;
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (;;) {
      const key = await this.#queue.take();
      if (key === undefined) return;
      this.#setActive(1);
      try {
        await this.#reconcile(key, signal);
      } finally {
        this.#queue.done(key);
        this.#setActive(-1);
      }
    }
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<void> {
    const { clock, logger, metrics } = this.#dependencies;
    const { reconciler, resyncMs = RESYNC_MS } = this.#options;
    const startedMs = clock.monotonicMs();
    const request = requestOf(key);
    const limit = this.#startLimit(signal);
    const reconcileId = `${this.#options.name}-${(this.#calls += 1)}`;
    let outcome: Outcome;
    try {
      // In an async function, so that a reconciler that throws at once is caught as well.
      const result = await (async (): Promise<Result> =>
        reconciler.reconcile(request, limit.signal))();
      this.#queue.forget(key);
      outcome = result.kind === 'checkAgain' ? 'requeue_after' : 'success';
      if (result.kind === 'checkAgain') {
        this.#queue.addAfter(key, Math.min(result.afterMs, resyncMs));
      } else if (this.#isKnown(request)) {
        // Spread, so that keys which were first seen together do not come together for ever.
        this.#queue.addAfter(
          key,
          resyncMs * (1 - RESYNC_SPREAD * this.#dependencies.random.next()),
        );
      }
    } catch (error) {
      if (signal.aborted) return;
      outcome = this.#fail(key, error, limit.isOver());
      const fields = {
        err: toError(error),
        controller: this.#options.name,
        reconcileId,
        ...request,
      };
      if (outcome === 'requeue') logger.info(fields, 'somebody else wrote first; looking again');
      else logger.error(fields, 'a reconcile failed');
    } finally {
      limit.end();
    }
    metrics?.increment('controller_runtime_reconcile_total', { ...this.#label(), result: outcome });
    metrics?.observe(
      'controller_runtime_reconcile_time_seconds',
      this.#label(),
      (clock.monotonicMs() - startedMs) / 1_000,
    );
  }

  /** What is gone needs no resync. */
  #isKnown({ namespace, name }: Request): boolean {
    return this.#store(kindKey(this.#options.watched)).find(namespace, name) !== undefined;
  }

  #fail(key: string, error: unknown, isTimeout: boolean): Outcome {
    const { metrics } = this.#dependencies;
    if (isTimeout) metrics?.increment('controller_runtime_reconcile_timeouts_total', this.#label());
    if (isMistake(error)) {
      metrics?.increment('controller_runtime_reconcile_panics_total', this.#label());
    }
    if (isConflict(error)) {
      this.#queue.addRateLimited(key);
      return 'requeue';
    }
    metrics?.increment('controller_runtime_reconcile_errors_total', this.#label());
    if (error instanceof TerminalError) {
      metrics?.increment('controller_runtime_terminal_reconcile_errors_total', this.#label());
      this.#queue.forget(key);
      return 'error';
    }
    this.#queue.addRateLimited(key);
    return 'error';
  }

  #startLimit(signal: AbortSignal): {
    readonly signal: AbortSignal;
    isOver(): boolean;
    end(): void;
  } {
    const { reconcileTimeoutMs = TIMEOUT_MS } = this.#options;
    const controller = new AbortController();
    let isOver = false;
    const stop = (): void => controller.abort(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    const cancel = this.#dependencies.clock.schedule(reconcileTimeoutMs, () => {
      isOver = true;
      controller.abort(new Error(`a reconcile took longer than ${reconcileTimeoutMs} ms`));
    });
    return {
      signal: controller.signal,
      isOver: () => isOver,
      end: () => {
        cancel();
        signal.removeEventListener('abort', stop);
      },
    };
  }

  #setActive(by: number): void {
    this.#active += by;
    this.#dependencies.metrics?.set(
      'controller_runtime_active_workers',
      this.#label(),
      this.#active,
    );
  }

  #label(): { readonly controller: string } {
    return { controller: this.#options.name };
  }
}

/** What Go calls a panic: a mistake of the program, not a refusal of the world. */
function isMistake(error: unknown): boolean {
  return (
    error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError
  );
}

function bothOf({ old, object }: StoreChange): readonly KubeObject[] {
  return [old, object].filter((each) => each !== undefined);
}

function keyOfObject({ metadata }: KubeObject): string {
  return keyOf({ namespace: metadata.namespace ?? '', name: metadata.name });
}

function keyOf({ namespace, name }: Request): string {
  return `${namespace}/${name}`;
}

function requestOf(key: string): Request {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
