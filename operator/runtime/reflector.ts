import { backoffDelayMs, toError, type Clock, type Random } from '#pkg/base';
import type { Logger } from '#pkg/observability';
import type { WritableKindStore } from './cache.ts';
import { isGone, isNotFound, KubeApiError } from './errors.ts';
import { listWhole } from './kube-client.ts';
import type { WatchEvent, WatchingKubeClient } from './watch-client.ts';

export interface ReflectorOptions {
  readonly client: Pick<WatchingKubeClient, 'listPage' | 'watch'>;
  readonly store: WritableKindStore;
  /** Only this namespace; all of them when absent. */
  readonly namespace?: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/**
 * Keeps a store equal to what the API server holds of one kind, until `signal` aborts.
 *
 * Lists in pages, then watches from the version of the list on. A watch that the server ends, or whose connection breaks,
 * goes on from the last version; 410 lists anew, and what the new list lacks is gone. A watch that says nothing, not even
 * a bookmark, for {@link WATCH_SILENCE_MS} is taken for dead. The store is fresh while a list or a watch is current: it
 * turns stale after {@link STALE_AFTER_MS} without one. `synced` resolves after the first list.
 */
export interface Reflector {
  readonly synced: Promise<void>;
  /** Resolves when it has stopped; never rejects. */
  readonly stopped: Promise<void>;
}

const TIMEOUT_SECONDS_MIN = 300;
const TIMEOUT_SECONDS_SPREAD = 300;
/** A watch that ends before and has told nothing is a failure: a server or a proxy that closes at once is not asked in a circle. */
const WATCH_MS_MIN = 1_000;
/** Bookmarks come about once a minute (apiserver, watch cache). */
const WATCH_SILENCE_MS = 150_000;
const STALE_AFTER_MS = 10_000;
const BACKOFF = { baseMs: 200, capMs: 30_000 };

export function startReflector(options: ReflectorOptions, signal: AbortSignal): Reflector {
  const synced = Promise.withResolvers<void>();
  return { synced: synced.promise, stopped: new Loop(options, synced.resolve).run(signal) };
}

class Loop {
  readonly #options: ReflectorOptions;
  readonly #onSynced: () => void;
  #resourceVersion: string | undefined;
  #failures = 0;
  #cancelStale: (() => void) | undefined;

  constructor(options: ReflectorOptions, onSynced: () => void) {
    this.#options = options;
    options.store.setFresh(false, options.namespace);
    this.#onSynced = onSynced;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, random, logger, store } = this.#options;
    while (!signal.aborted) {
      try {
        if (this.#resourceVersion === undefined) await this.#list(signal);
        await this.#watch(signal);
      } catch (error) {
        if (signal.aborted) break;
        this.#goStaleLater();
        if (isGone(error)) this.#resourceVersion = undefined;
        // A kind that the server does not know (its CRD is not there yet, or was removed) holds nothing for sure.
        if (isNotFound(error)) this.#resourceVersion = undefined;
        if (isGone(error) && this.#failures === 0) {
          this.#failures = 1;
          continue;
        }
        this.#failures += 1;
        const delayMs = Math.max(
          backoffDelayMs(this.#failures, BACKOFF, random),
          error instanceof KubeApiError ? (error.retryAfterMs ?? 0) : 0,
        );
        logger.warn(
          { err: toError(error), kind: store.kind.kind, delayMs },
          'the watch broke; trying again',
        );
        await clock.sleep(delayMs, signal);
      }
    }
    this.#cancelStale?.();
    store.setFresh(false, this.#options.namespace);
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { client, store, namespace } = this.#options;
    const { items, resourceVersion } = await listWhole(client, store.kind, { namespace, signal });
    if (signal.aborted) return;
    store.replaceAll(items, namespace);
    this.#resourceVersion = resourceVersion;
    this.#beFresh();
    this.#onSynced();
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { client, store, namespace, random, clock } = this.#options;
    const startedMs = clock.monotonicMs();
    let hasTold = false;
    const silence = new AbortController();
    const stop = (): void => silence.abort(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    let cancel = (): void => undefined;
    const expectSound = (): void => {
      cancel();
      cancel = clock.schedule(WATCH_SILENCE_MS, () =>
        silence.abort(new Error(`the watch was silent for ${WATCH_SILENCE_MS} ms`)),
      );
    };
    try {
      expectSound();
      const events = client.watch(store.kind, {
        namespace,
        resourceVersion: this.#resourceVersion ?? '',
        timeoutSeconds: TIMEOUT_SECONDS_MIN + random.integer(TIMEOUT_SECONDS_SPREAD),
        signal: silence.signal,
        onOpen: () => this.#beFresh(),
      });
      for await (const event of events) {
        if (signal.aborted) return;
        hasTold = true;
        expectSound();
        this.#take(event);
      }
      if (signal.aborted) return;
      if (!hasTold && clock.monotonicMs() - startedMs < WATCH_MS_MIN) {
        throw new Error('the server ended the watch at once and told nothing');
      }
      // The server ended it in order: the next one begins at once.
      this.#failures = 0;
    } finally {
      cancel();
      signal.removeEventListener('abort', stop);
    }
  }

  #take(event: WatchEvent): void {
    const { store } = this.#options;
    this.#failures = 0;
    this.#beFresh();
    if (event.type === 'BOOKMARK') {
      this.#resourceVersion = newer(this.#resourceVersion, event.resourceVersion);
      return;
    }
    const { object } = event;
    if (event.type === 'DELETED') store.remove(object);
    else store.put(object);
    this.#resourceVersion = newer(this.#resourceVersion, object.metadata.resourceVersion ?? '');
  }

  #beFresh(): void {
    this.#cancelStale?.();
    this.#cancelStale = undefined;
    this.#options.store.setFresh(true, this.#options.namespace);
  }

  #goStaleLater(): void {
    const { clock, store, namespace } = this.#options;
    this.#cancelStale ??= clock.schedule(STALE_AFTER_MS, () => store.setFresh(false, namespace));
  }
}

/**
 * Versions of one resource compare as whole numbers (KEP-5504), so a late bookmark cannot lead back. Anything else that a
 * server may send is taken as it comes.
 */
function newer(known: string | undefined, told: string): string {
  if (told === '') return known ?? '';
  if (known === undefined || !/^\d+$/.test(known) || !/^\d+$/.test(told)) return told;
  return BigInt(told) > BigInt(known) ? told : known;
}
