import { toError, type CancelTimer, type Clock } from '#pkg/base';
import type { Logger } from '#pkg/observability';
import { listenTo, type Signals } from '#pkg/queues';
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
  /** Awaited before an orderly release: the last write of this holder comes before the first of the next. */
  readonly settle?: () => Promise<void>;
}

export interface HeldLease extends AsyncDisposable {
  /** True while the lease surely stands, by the monotonic clock. */
  isHeld(): boolean;
  /** Epoch of the lease while it is held. */
  epoch(): number | undefined;
}

export interface LeaseDependencies {
  readonly leases: LeaseStore;
  /** An orderly release is told, so that whoever waits tries at once. */
  readonly signals: Signals;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A holder stops so long before the database would let another one in, as a share of the time to live. */
const SAFETY_RATIO = 0.2;

/** Tries for the lease and renews it until it is disposed, which hands it over. Starts at once. */
export function holdLease(dependencies: LeaseDependencies, options: LeaseOptions): HeldLease {
  const { leases, signals, clock, logger } = dependencies;
  const { name, holder, ttlMs } = options;
  const grip = createGrip(dependencies, options);
  let isStopped = false;
  let isRunning = false;
  /** The lease was released while a try was under way. */
  let isHurried = false;
  let isFailing = false;
  let round: Promise<void> = Promise.resolve();
  let cancelRound: CancelTimer = () => undefined;

  const handOver = async (): Promise<void> => {
    if (!grip.lose()) return;
    await options.settle?.();
    await leases.release(name, holder);
    signals.publish('leases', name).catch((error: unknown) => {
      logger.debug({ err: toError(error), lease: name }, 'release not told; it will be found');
    });
  };
  const tryOnce = async (): Promise<void> => {
    if ((await options.isWanted?.()) === false) return handOver();
    const sentMs = clock.monotonicMs();
    const lease = await leases.acquire(name, holder, ttlMs);
    if (lease === undefined) grip.lose();
    else grip.take(lease, sentMs);
  };
  const run = async (): Promise<void> => {
    isRunning = true;
    isHurried = false;
    try {
      await tryOnce();
      isFailing = false;
    } catch (error) {
      if (!isFailing) logger.warn({ err: toError(error), lease: name }, 'lease not renewed');
      isFailing = true;
    }
    isRunning = false;
    if (isStopped) return;
    const waitMs = grip.isFirm() ? ttlMs / 3 : (options.tryEveryMs ?? ttlMs / 3);
    cancelRound = clock.schedule(isHurried ? 0 : waitMs, start);
  };
  const start = (): void => {
    round = run();
  };
  const stopListening = listenTo({ signals, logger }, 'leases', (released) => {
    if (released !== name || grip.isFirm()) return;
    isHurried = true;
    if (isRunning) return;
    cancelRound();
    start();
  });
  start();
  return {
    isHeld: () => !isStopped && grip.isFirm(),
    epoch: () => (isStopped ? undefined : grip.epoch()),
    [Symbol.asyncDispose]: async () => {
      isStopped = true;
      stopListening();
      cancelRound();
      await round;
      try {
        await handOver();
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
