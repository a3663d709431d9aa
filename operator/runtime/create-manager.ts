import type { ControllerMetrics } from '#pkg/observability';
import { createCache, createKindStore, kindKey, type WritableKindStore } from './cache.ts';
import { createController, type Controller } from './controller.ts';
import { createEventRecorder } from './event-recorder.ts';
import type { ResourceKind } from './kube-object.ts';
import { acquireLease, type LeaseDurations } from './leader-election.ts';
import type { ControllerOptions, Manager, ManagerOptions } from './manager.ts';
import { startReflector, type Reflector } from './reflector.ts';
import type { WatchingKubeClient } from './watch-client.ts';

export interface CreateManagerOptions extends ManagerOptions {
  readonly client: WatchingKubeClient;
  readonly metrics?: ControllerMetrics | undefined;
  readonly leaseDurations?: LeaseDurations;
  /** How long keys under way may take to end when the process stops (default 25 s). */
  readonly graceMs?: number;
}

const GRACE_MS = 25_000;
/** How long the last events may take to be written. */
const EVENTS_MS = 1_000;

/** Returns a manager; nothing is asked of the API server before `run`. */
export function createManager(options: CreateManagerOptions): Manager {
  return new LeaseManager(options);
}

class LeaseManager implements Manager {
  readonly cache;
  readonly recorder;
  readonly #options: CreateManagerOptions;
  readonly #stores = new Map<string, WritableKindStore>();
  /** Where each kind is watched; undefined is everywhere. */
  readonly #scopes = new Map<string, readonly string[] | undefined>();
  readonly #controllers: Controller[] = [];
  readonly #abort = new AbortController();
  #epoch: number | undefined;
  #isSynced = false;
  #running: Promise<void> | undefined;

  constructor(options: CreateManagerOptions) {
    this.#options = options;
    this.cache = createCache(this.#stores);
    this.recorder = createEventRecorder({
      client: options.client,
      controller: options.name,
      instance: options.identity,
      clock: options.clock,
      logger: options.logger,
    });
  }

  epoch(): number | undefined {
    return this.#epoch;
  }

  isReady(): boolean {
    return this.#isSynced && !this.#abort.signal.aborted;
  }

  add(controller: ControllerOptions): void {
    if (this.#running !== undefined) throw new Error('controllers are added before run');
    const { owned = [], mapped = [] } = controller;
    const { clock, random, logger, metrics, namespaces } = this.#options;
    for (const kind of [controller.watched, ...owned]) this.#watch(kind, namespaces);
    for (const each of mapped) this.#watch(each.kind, each.namespaces ?? namespaces);
    this.#controllers.push(
      createController(controller, {
        stores: this.#stores,
        cache: this.cache,
        clock,
        random,
        logger,
        metrics,
      }),
    );
  }

  run(signal: AbortSignal): Promise<void> {
    if (this.#running !== undefined) throw new Error('a manager runs once');
    if (signal.aborted) this.#abort.abort(signal.reason);
    signal.addEventListener('abort', () => this.#abort.abort(signal.reason), { once: true });
    this.#running = this.#run();
    return this.#running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort(new Error('the manager is disposed'));
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    // Reflectors go on while the last keys end, and stop after the lease is given back.
    const reflecting = new AbortController();
    const reflectors = this.#startReflectors(reflecting.signal);
    try {
      await Promise.race([
        Promise.all(reflectors.map(({ synced }) => synced)),
        whenAborted(signal),
      ]);
      if (signal.aborted) return;
      this.#isSynced = true;
      await this.#lead(signal);
    } finally {
      reflecting.abort(new Error('the manager stops'));
      await Promise.all(reflectors.map(({ stopped }) => stopped));
    }
  }

  async #lead(signal: AbortSignal): Promise<void> {
    const { client, namespace, name, identity, clock, random, logger, metrics, leaseDurations } =
      this.#options;
    const leadership = await acquireLease(
      {
        client,
        namespace,
        name,
        identity,
        clock,
        random,
        logger,
        metrics,
        ...(leaseDurations === undefined ? {} : { durations: leaseDurations }),
      },
      signal,
    );
    if (leadership === undefined) return;
    this.#epoch = leadership.epoch;
    // A lost lease ends every call, and the process, at once; a stop that was asked for lets the keys under way end first.
    const calls = new AbortController();
    const onLost = (): void => {
      this.#epoch = undefined;
      calls.abort(leadership.lost.reason);
      this.#options.onLeaseLost();
    };
    leadership.lost.addEventListener('abort', onLost, { once: true });
    const stop = AbortSignal.any([signal, leadership.lost]);
    const runs = Promise.all(
      this.#controllers.map((controller) => controller.run({ stop, calls: calls.signal })),
    );
    await whenAborted(stop);
    await Promise.race([runs, clock.sleep(this.#options.graceMs ?? GRACE_MS)]);
    calls.abort(new Error('the process stops'));
    await runs;
    this.#epoch = undefined;
    await Promise.race([this.recorder.settled(), clock.sleep(EVENTS_MS)]);
    await leadership.release();
  }

  #startReflectors(signal: AbortSignal): readonly Reflector[] {
    const { client, clock, random, logger } = this.#options;
    return [...this.#stores].flatMap(([key, store]) => {
      const scopes = (store.kind.isNamespaced ? this.#scopes.get(key) : undefined) ?? [undefined];
      return scopes.map((namespace) =>
        startReflector({ client, store, namespace, clock, random, logger }, signal),
      );
    });
  }

  #watch(kind: ResourceKind, namespaces: readonly string[] | undefined): void {
    const key = kindKey(kind);
    const known = this.#stores.has(key) ? this.#scopes.get(key) : [];
    const isEverywhere = namespaces === undefined || known === undefined;
    this.#scopes.set(key, isEverywhere ? undefined : [...new Set([...known, ...namespaces])]);
    if (!this.#stores.has(key)) this.#stores.set(key, createKindStore(kind));
  }
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
