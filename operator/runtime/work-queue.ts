import { backoffDelayMs, type Clock, type Random } from '#pkg/base';
import type { ControllerMetrics } from '#pkg/observability';
import { createTokenBucket, type TokenBucketOptions } from './token-bucket.ts';

export interface WorkQueueOptions {
  /** Labels `name` and `controller` of its metrics. */
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics?: ControllerMetrics | undefined;
  /** Of a key that fails again and again (default 1 s to 60 s). */
  readonly backoff?: { readonly baseMs: number; readonly capMs: number };
  /** All retries of this queue together (default 10/s, 100 at once). */
  readonly retryRate?: TokenBucketOptions;
}

/**
 * Keys that wait to be worked on, with the semantics of client-go's work queue.
 *
 * A key waits once however often it is added. A key that is added while it is worked on waits again when that ends, so
 * no key is ever worked on twice at a time and no addition is lost.
 */
export interface WorkQueue {
  add(key: string): void;
  /** Adds later; of several times for one key the earliest counts. */
  addAfter(key: string, delayMs: number): void;
  /** Adds after a back-off that grows with each call for the key until `forget`. */
  addRateLimited(key: string): void;
  /** The key has succeeded: its back-off begins anew. */
  forget(key: string): void;
  /** Resolves with the next key, which then counts as worked on until `done`; undefined once the queue is closed. */
  take(): Promise<string | undefined>;
  done(key: string): void;
  /** Keys that wait now (not those whose time is still to come). */
  depth(): number;
  /** Nothing is handed out any more, and nothing is added. */
  close(): void;
}

const BACKOFF = { baseMs: 1_000, capMs: 60_000 };
const RETRY_RATE = { perSecond: 10, burst: 100 };

export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  return new KeyQueue(options);
}

class KeyQueue implements WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #labels: { readonly name: string; readonly controller: string };
  readonly #bucket;
  /** Keys that must be worked on, with the time of the addition; in order of addition. */
  readonly #waiting = new Map<string, number>();
  /** Keys that were added while they were worked on. */
  readonly #again = new Set<string>();
  readonly #working = new Map<string, number>();
  readonly #failures = new Map<string, number>();
  readonly #later = new Map<string, { readonly atMs: number; readonly cancel: () => void }>();
  readonly #takers: ((key: string | undefined) => void)[] = [];
  #isClosed = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    this.#labels = { name: options.name, controller: options.name };
    this.#bucket = createTokenBucket(options.clock, options.retryRate ?? RETRY_RATE);
    options.metrics?.onScrape(() => this.#report());
  }

  add(key: string): void {
    if (this.#isClosed) return;
    if (this.#working.has(key)) {
      if (!this.#again.has(key)) this.#count('workqueue_adds_total');
      this.#again.add(key);
      return;
    }
    if (this.#waiting.has(key)) return;
    this.#count('workqueue_adds_total');
    this.#waiting.set(key, this.#options.clock.monotonicMs());
    this.#serve();
  }

  addAfter(key: string, delayMs: number): void {
    if (this.#isClosed) return;
    if (delayMs <= 0) return this.add(key);
    const atMs = this.#options.clock.monotonicMs() + delayMs;
    const standing = this.#later.get(key);
    if (standing !== undefined && standing.atMs <= atMs) return;
    standing?.cancel();
    const cancel = this.#options.clock.schedule(delayMs, () => {
      this.#later.delete(key);
      this.add(key);
    });
    this.#later.set(key, { atMs, cancel });
  }

  addRateLimited(key: string): void {
    if (this.#isClosed) return;
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    this.#count('workqueue_retries_total');
    const { random, backoff = BACKOFF } = this.#options;
    this.addAfter(key, Math.max(backoffDelayMs(failures, backoff, random), this.#bucket.reserve()));
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  take(): Promise<string | undefined> {
    return new Promise((resolve) => {
      if (this.#isClosed) return resolve(undefined);
      this.#takers.push(resolve);
      this.#serve();
    });
  }

  done(key: string): void {
    const startedMs = this.#working.get(key);
    if (startedMs === undefined) return;
    this.#working.delete(key);
    const tookMs = this.#options.clock.monotonicMs() - startedMs;
    this.#options.metrics?.observe('workqueue_work_duration_seconds', this.#labels, tookMs / 1_000);
    if (!this.#again.delete(key) || this.#isClosed) return;
    this.#waiting.set(key, this.#options.clock.monotonicMs());
    this.#serve();
  }

  depth(): number {
    return this.#waiting.size;
  }

  close(): void {
    this.#isClosed = true;
    for (const { cancel } of this.#later.values()) cancel();
    this.#later.clear();
    this.#waiting.clear();
    this.#again.clear();
    for (const taker of this.#takers.splice(0)) taker(undefined);
  }

  #serve(): void {
    while (this.#takers.length > 0) {
      const [next] = this.#waiting;
      if (next === undefined) return;
      const [key, addedMs] = next;
      this.#waiting.delete(key);
      const nowMs = this.#options.clock.monotonicMs();
      this.#working.set(key, nowMs);
      this.#options.metrics?.observe(
        'workqueue_queue_duration_seconds',
        this.#labels,
        (nowMs - addedMs) / 1_000,
      );
      this.#takers.shift()?.(key);
    }
  }

  #count(name: 'workqueue_adds_total' | 'workqueue_retries_total'): void {
    this.#options.metrics?.increment(name, this.#labels);
  }

  #report(): void {
    const { metrics, clock } = this.#options;
    const nowMs = clock.monotonicMs();
    const ages = [...this.#working.values()].map((startedMs) => (nowMs - startedMs) / 1_000);
    const sum = ages.reduce((total, age) => total + age, 0);
    metrics?.set('workqueue_depth', { ...this.#labels, priority: '0' }, this.#waiting.size);
    metrics?.set('workqueue_unfinished_work_seconds', this.#labels, sum);
    metrics?.set('workqueue_longest_running_processor_seconds', this.#labels, Math.max(0, ...ages));
  }
}
