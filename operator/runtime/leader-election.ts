import { formatInstant, toError, type Clock, type Random } from '#pkg/base';
import type { ControllerMetrics, Logger } from '#pkg/observability';
import type { KubeClient } from './client.ts';
import { isAlreadyExists, isConflict } from './errors.ts';
import type { KubeObject, ResourceKind } from './kube-object.ts';

export const LEASE: ResourceKind = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  plural: 'leases',
  isNamespaced: true,
};

export interface LeaderElectionOptions {
  readonly client: Pick<KubeClient, 'find' | 'create' | 'replace'>;
  readonly namespace: string;
  readonly name: string;
  readonly identity: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics?: ControllerMetrics | undefined;
  readonly durations?: LeaseDurations;
}

/** Ms. A follower takes over `leaseMs` after the last renewal that it saw; a leader gives up after `renewMs` without one. */
export interface LeaseDurations {
  readonly leaseMs: number;
  readonly renewMs: number;
  readonly retryMs: number;
}

/** controller-runtime's defaults (pkg/manager/internal.go). */
export const LEASE_DURATIONS: LeaseDurations = { leaseMs: 15_000, renewMs: 10_000, retryMs: 2_000 };

/** One lease held by this process. */
export interface Leadership {
  /** `leaseTransitions` of the lease: grows with each change of the holder. What the far side fences by. */
  readonly epoch: number;
  /** Aborts when the lease is lost, on the monotonic clock, before any other process can have it. */
  readonly lost: AbortSignal;
  /** Gives the lease back, so that another may take it at once. Never rejects. */
  release(): Promise<void>;
}

interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

/**
 * Waits until this process holds the lease; undefined when `signal` aborted first.
 *
 * A lease counts as free when its holder is empty, or when it has not changed for its duration by this process's own
 * monotonic clock (the clocks of two machines are never compared). Every write carries the resourceVersion that was read,
 * so of two takers one wins. It is no fence: a leader that was frozen may write after it lost (see {@link Leadership.epoch}).
 */
export function acquireLease(
  options: LeaderElectionOptions,
  signal: AbortSignal,
): Promise<Leadership | undefined> {
  return new Elector(options).acquire(signal);
}

class Elector {
  readonly #options: LeaderElectionOptions;
  readonly #durations: LeaseDurations;
  /** The lease as last seen, and when it is over if it does not change. */
  #seen: { readonly version: string; readonly freeAtMs: number } | undefined;
  #held: KubeObject | undefined;

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
    this.#durations = options.durations ?? LEASE_DURATIONS;
  }

  async acquire(signal: AbortSignal): Promise<Leadership | undefined> {
    const { clock, random, logger, name, identity } = this.#options;
    this.#report(false);
    while (!signal.aborted) {
      const startedMs = clock.monotonicMs();
      try {
        // A take that was so long under way that its lease may be over by now is none: take it again, under the next epoch.
        const isTaken = await this.#tryTake(signal);
        if (isTaken && clock.monotonicMs() - startedMs < this.#durations.renewMs) {
          logger.info({ lease: name, identity, epoch: this.#epoch() }, 'the lease is ours');
          return this.#lead(startedMs);
        }
      } catch (error) {
        if (signal.aborted) return undefined;
        logger.warn({ err: toError(error), lease: name }, 'the lease cannot be read');
      }
      // Spread, so that candidates do not ask in step; and no later than the lease may be over.
      const { retryMs } = this.#durations;
      const delayMs = Math.min(retryMs * (0.8 + 0.2 * random.next()), this.#leftMs());
      await clock.sleep(delayMs, signal);
    }
    return undefined;
  }

  #leftMs(): number {
    const leftMs = (this.#seen?.freeAtMs ?? 0) - this.#options.clock.monotonicMs();
    return leftMs > 0 ? leftMs : Number.POSITIVE_INFINITY;
  }

  /** Takes the lease when it is free; true when it is ours. */
  async #tryTake(signal: AbortSignal): Promise<boolean> {
    const { client, namespace, name, clock, identity } = this.#options;
    const standing = await client.find(LEASE, { namespace, name }, signal);
    try {
      if (standing === undefined) {
        this.#held = await client.create(this.#write(undefined, 0), signal);
        return true;
      }
      const spec = specOf(standing);
      const holder = spec.holderIdentity ?? '';
      const version = standing.metadata.resourceVersion ?? '';
      const durationMs = (spec.leaseDurationSeconds ?? 0) * 1_000 || this.#durations.leaseMs;
      const nowMs = clock.monotonicMs();
      if (this.#seen?.version !== version) this.#seen = { version, freeAtMs: nowMs + durationMs };
      const isFree = holder === '' || nowMs >= this.#seen.freeAtMs;
      if (!isFree && holder !== identity) return false;
      const transitions = spec.leaseTransitions ?? 0;
      // Also our own name is a change of holder: it was another run of ours, or a renewal whose reply was lost.
      this.#held = await client.replace(this.#write(standing, transitions + 1), { signal });
      return true;
    } catch (error) {
      if (isConflict(error) || isAlreadyExists(error)) return false;
      throw error;
    }
  }

  #lead(sentAtMs: number): Leadership {
    const lost = new AbortController();
    const released = new AbortController();
    const renewing = this.#renew(sentAtMs, lost, released.signal);
    this.#report(true);
    return {
      epoch: this.#epoch(),
      lost: lost.signal,
      release: async () => {
        released.abort();
        await renewing;
        this.#report(false);
        if (!lost.signal.aborted) await this.#giveBack();
      },
    };
  }

  /** Renews until released; aborts `lost` when no renewal has succeeded for the renew deadline. */
  async #renew(sentAtMs: number, lost: AbortController, released: AbortSignal): Promise<void> {
    const { clock, logger, name, metrics } = this.#options;
    const { retryMs, renewMs } = this.#durations;
    let renewedAtMs = sentAtMs;
    const lose = (why: string): void => {
      this.#report(false);
      logger.error({ lease: name, why }, 'the lease is lost');
      lost.abort(new Error(`the lease ${name} is lost: ${why}`));
    };
    let cancel = (): void => undefined;
    const expectRenewal = (): void => {
      cancel();
      const leftMs = renewedAtMs + renewMs - clock.monotonicMs();
      cancel = clock.schedule(leftMs, () => {
        if (!released.aborted) lose('it could not be renewed in time');
      });
    };
    expectRenewal();
    while (!released.aborted && !lost.signal.aborted) {
      await clock.sleep(retryMs, AbortSignal.any([released, lost.signal]));
      if (released.aborted || lost.signal.aborted) break;
      const startedMs = clock.monotonicMs();
      const outcome = await this.#tryRenew(AbortSignal.any([released, lost.signal]));
      if (outcome === 'renewed') {
        renewedAtMs = startedMs;
        if (!lost.signal.aborted) expectRenewal();
      } else if (outcome === 'taken') {
        if (!lost.signal.aborted) lose('another process has it');
      } else {
        metrics?.increment('leader_election_slowpath_total', { name });
      }
    }
    cancel();
  }

  /** One try, which may take half of what is left: a connection that hangs leaves time for another. */
  async #tryRenew(outer: AbortSignal): Promise<'renewed' | 'taken' | 'unknown'> {
    const { renewMs, retryMs } = this.#durations;
    const limit = new AbortController();
    const cancel = this.#options.clock.schedule((renewMs - retryMs) / 2, () =>
      limit.abort(new Error('the API server did not answer a renewal in time')),
    );
    try {
      return await this.#ask(AbortSignal.any([outer, limit.signal]));
    } finally {
      cancel();
    }
  }

  async #ask(signal: AbortSignal): Promise<'renewed' | 'taken' | 'unknown'> {
    const { client, namespace, name } = this.#options;
    const renewal = this.#write(this.#held, this.#epoch());
    try {
      this.#held = await client.replace(renewal, { signal });
      return 'renewed';
    } catch {
      if (signal.aborted) return 'unknown';
    }
    // Somebody wrote, or the reply was lost: the lease itself says who has it, and whether it carries this renewal.
    try {
      const standing = await client.find(LEASE, { namespace, name }, signal);
      if (standing === undefined || !this.#isOurs(standing)) return 'taken';
      this.#held = standing;
      if (specOf(standing).renewTime === specOf(renewal).renewTime) return 'renewed';
      this.#held = await client.replace(this.#write(standing, this.#epoch()), { signal });
      return 'renewed';
    } catch {
      return 'unknown';
    }
  }

  /** Nobody waits long for a process that ends: what cannot be given back in time runs out by itself. */
  async #giveBack(): Promise<void> {
    const { client, namespace, name, logger, clock } = this.#options;
    const limit = new AbortController();
    const cancel = clock.schedule(this.#durations.renewMs / 2, () =>
      limit.abort(new Error('the API server did not answer in time')),
    );
    try {
      // A renewal that was under way when we stopped may have been carried out: only the lease itself knows its version.
      const standing = await client.find(LEASE, { namespace, name }, limit.signal);
      if (standing === undefined || !this.#isOurs(standing)) return;
      const object = this.#write(standing, this.#epoch());
      const spec = { ...specOf(object), holderIdentity: '', leaseDurationSeconds: 1 };
      await client.replace({ ...object, spec }, { signal: limit.signal });
      logger.info({ lease: name }, 'the lease is given back');
    } catch (error) {
      logger.warn({ err: toError(error), lease: name }, 'the lease could not be given back');
    } finally {
      cancel();
    }
  }

  #isOurs(lease: KubeObject): boolean {
    const { holderIdentity, leaseTransitions = 0 } = specOf(lease);
    return holderIdentity === this.#options.identity && leaseTransitions === this.#epoch();
  }

  #write(standing: KubeObject | undefined, transitions: number): KubeObject {
    const { namespace, name, identity, clock } = this.#options;
    const now = toMicroTime(clock.nowMs());
    const old = standing === undefined ? {} : specOf(standing);
    const isKept = old.holderIdentity === identity && old.leaseTransitions === transitions;
    return {
      ...LEASE_TYPE,
      metadata: standing?.metadata ?? { namespace, name },
      spec: {
        holderIdentity: identity,
        leaseDurationSeconds: Math.ceil(this.#durations.leaseMs / 1_000),
        acquireTime: isKept ? (old.acquireTime ?? now) : now,
        renewTime: now,
        leaseTransitions: transitions,
      } satisfies LeaseSpec,
    };
  }

  #epoch(): number {
    return this.#held === undefined ? 0 : (specOf(this.#held).leaseTransitions ?? 0);
  }

  #report(isLeader: boolean): void {
    const { metrics, name } = this.#options;
    metrics?.set('leader_election_master_status', { name }, Number(isLeader));
  }
}

const LEASE_TYPE = { apiVersion: LEASE.apiVersion, kind: LEASE.kind } as const;

function specOf(lease: KubeObject): LeaseSpec {
  return lease['spec'] ?? {};
}

/** MicroTime of the API: RFC 3339 with six digits. */
function toMicroTime(ms: number): string {
  return formatInstant(ms).replace(/Z$/, '000Z');
}
