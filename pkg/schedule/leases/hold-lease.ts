import { toError, type CancelTimer, type Clock } from '#pkg/base';
import type { Logger } from '#pkg/observability';
import type { Lease, LeaseStore } from '#pkg/store';

export interface LeaseOptions {
  readonly name: string;
  /** Unique for this process. */
  readonly holder: string;
  readonly ttlMs: number;
  /** Between tries while somebody else holds it; a third of the time to live by default. */
  readonly tryEveryMs?: number;
  /** Asked before a try and before each renewal; false gives the lease up and takes it no more until true. */
  readonly isWanted?: () => Promise<boolean>;
  readonly onAcquired?: (lease: Lease) => void;
  readonly onLost?: () => void;
}

export interface HeldLease extends AsyncDisposable {
  /** True while the lease surely stands, by the monotonic clock. */
  isHeld(): boolean;
  /** Epoch of the lease while it is held. */
  epoch(): number | undefined;
}

export interface LeaseDependencies {
  readonly leases: LeaseStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A holder stops so long before the database would let another one in, as a share of the time to live. */
const SAFETY_RATIO = 0.2;

/** Tries for the lease and renews it until it is disposed, which releases it. Starts at once. */
export function holdLease(dependencies: LeaseDependencies, options: LeaseOptions): HeldLease {
  const { leases, clock, logger } = dependencies;
  const { name, holder, ttlMs } = options;
  const grip = createGrip(dependencies, options);
  let isStopped = false;
  let isFailing = false;
  let round: Promise<void> = Promise.resolve();
  let cancelRound: CancelTimer = () => undefined;

  const tryOnce = async (): Promise<void> => {
    if ((await options.isWanted?.()) === false) {
      if (!grip.lose()) return;
      await leases.release(name, holder);
      return;
    }
    const sentMs = clock.monotonicMs();
    const lease = await leases.acquire(name, holder, ttlMs);
    if (lease === undefined) grip.lose();
    else grip.take(lease, sentMs);
  };
  const run = async (): Promise<void> => {
    try {
      await tryOnce();
      isFailing = false;
    } catch (error) {
      if (!isFailing) logger.warn({ err: toError(error), lease: name }, 'lease not renewed');
      isFailing = true;
    }
    if (isStopped) return;
    const delayMs = grip.isFirm() ? ttlMs / 3 : (options.tryEveryMs ?? ttlMs / 3);
    cancelRound = clock.schedule(delayMs, start);
  };
  const start = (): void => {
    round = run();
  };
  start();
  return {
    isHeld: () => !isStopped && grip.isFirm(),
    epoch: () => (isStopped ? undefined : grip.epoch()),
    [Symbol.asyncDispose]: async () => {
      isStopped = true;
      cancelRound();
      await round;
      if (!grip.lose()) return;
      try {
        await leases.release(name, holder);
      } catch (error) {
        logger.warn({ err: toError(error), lease: name }, 'lease not released; it will expire');
      }
    },
  };
}

/** What this process believes of the lease, by its own monotonic clock. */
interface Grip {
  isFirm(): boolean;
  epoch(): number | undefined;
  take(lease: Lease, sentMs: number): void;
  /** True when there was a lease to lose. */
  lose(): boolean;
}

function createGrip({ clock, logger }: LeaseDependencies, options: LeaseOptions): Grip {
  const { name } = options;
  const lifeMs = options.ttlMs * (1 - SAFETY_RATIO);
  let held: { readonly lease: Lease; readonly sentMs: number } | undefined;
  let cancelExpiry: CancelTimer = () => undefined;
  const isFirm = (): boolean => held !== undefined && clock.monotonicMs() - held.sentMs <= lifeMs;
  const lose = (): boolean => {
    if (held === undefined) return false;
    held = undefined;
    cancelExpiry();
    logger.info({ lease: name }, 'lease given up');
    options.onLost?.();
    return true;
  };
  return {
    isFirm,
    epoch: () => (isFirm() ? held?.lease.epoch : undefined),
    lose,
    take: (lease, sentMs) => {
      const isNew = held?.lease.epoch !== lease.epoch || !isFirm();
      if (isNew) lose();
      held = { lease, sentMs };
      cancelExpiry();
      cancelExpiry = clock.schedule(sentMs + lifeMs - clock.monotonicMs(), () => {
        if (!isFirm()) lose();
      });
      if (!isNew) return;
      logger.info({ lease: name, epoch: lease.epoch }, 'lease acquired');
      options.onAcquired?.(lease);
    },
  };
}
