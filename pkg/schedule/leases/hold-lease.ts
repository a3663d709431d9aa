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

/** A holder stops so long before the database would let another one in, as a share of the time to live. */
const SAFETY_RATIO = 0.2;

/** Tries for the lease and renews it until it is disposed, which releases it. Starts at once. */
export function holdLease(
  dependencies: {
    readonly leases: LeaseStore;
    readonly clock: Clock;
    readonly logger: Logger;
  },
  options: LeaseOptions,
): HeldLease {
  const { leases, clock, logger } = dependencies;
  const { name, holder, ttlMs } = options;
  const renewEveryMs = ttlMs / 3;
  const lifeMs = ttlMs * (1 - SAFETY_RATIO);
  let held: { readonly lease: Lease; readonly sentMs: number } | undefined;
  let isStopped = false;
  let isFailing = false;
  let round: Promise<void> = Promise.resolve();
  let cancelRound: CancelTimer = () => undefined;
  let cancelExpiry: CancelTimer = () => undefined;

  const isHeld = (): boolean =>
    held !== undefined && clock.monotonicMs() - held.sentMs <= lifeMs && !isStopped;
  const lose = (): void => {
    if (held === undefined) return;
    held = undefined;
    cancelExpiry();
    logger.warn({ lease: name }, 'lease lost');
    options.onLost?.();
  };
  const take = (lease: Lease, sentMs: number): void => {
    const isNew = held?.lease.epoch !== lease.epoch || !isHeld();
    if (isNew) lose();
    held = { lease, sentMs };
    cancelExpiry();
    cancelExpiry = clock.schedule(sentMs + lifeMs - clock.monotonicMs(), () => {
      if (!isHeld()) lose();
    });
    if (!isNew) return;
    logger.info({ lease: name, epoch: lease.epoch }, 'lease acquired');
    options.onAcquired?.(lease);
  };
  const tryOnce = async (): Promise<void> => {
    if ((await options.isWanted?.()) === false) {
      if (held === undefined) return;
      lose();
      await leases.release(name, holder);
      return;
    }
    const sentMs = clock.monotonicMs();
    const lease = await leases.acquire(name, holder, ttlMs);
    if (isStopped) return;
    if (lease === undefined) lose();
    else take(lease, sentMs);
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
    const delayMs = isHeld() ? renewEveryMs : (options.tryEveryMs ?? renewEveryMs);
    cancelRound = clock.schedule(delayMs, start);
  };
  const start = (): void => {
    round = run();
  };
  start();
  return {
    isHeld,
    epoch: () => (isHeld() ? held?.lease.epoch : undefined),
    [Symbol.asyncDispose]: async () => {
      const wasHeld = held !== undefined;
      isStopped = true;
      cancelRound();
      await round;
      lose();
      if (!wasHeld) return;
      try {
        await leases.release(name, holder);
      } catch (error) {
        logger.warn({ err: toError(error), lease: name }, 'lease not released; it will expire');
      }
    },
  };
}
