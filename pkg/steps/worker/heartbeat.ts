import { toError, type CancelTimer, type Clock } from '#pkg/base';
import type { Logger } from '#pkg/observability';
import type { WorkerBeat, WorkerStore } from '#pkg/store';

/** A worker is believed dead so long after its last beat. */
export const WORKER_TTL_MS = 1_500;
export const WORKER_BEAT_MS = 400;
/** For processes that hold no step: they only show themselves. */
export const PRESENCE_TTL_MS = 12_000;
export const PRESENCE_BEAT_MS = 4_000;
/** A worker gives up its leases so long before the database may. */
const SAFETY_MS = 200;

export interface Heartbeat extends AsyncDisposable {
  /** Writes the first row; resolves when it stands. Repeats until then. */
  start(): Promise<void>;
  /** Writes the row now, so that a changed state or reason shows at once. */
  beatNow(): void;
  /** True while this process may believe that its row lives, by the monotonic clock. */
  isFresh(): boolean;
  /** Grows each time that the row's life may have lapsed: whatever ran before may run elsewhere now. */
  episode(): number;
}

export interface HeartbeatDependencies {
  readonly workers: WorkerStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly describe: () => WorkerBeat;
  /** Called once for each lapse. */
  readonly onLapse?: (episode: number) => void;
  /** Called after a beat succeeded again after a failure or a lapse. */
  readonly onBack?: () => void;
}

interface HeartbeatOptions {
  readonly intervalMs: number;
  readonly ttlMs: number;
}

/** Returns the heartbeat of this process; dispose removes the row. */
export function createHeartbeat(
  dependencies: HeartbeatDependencies,
  options: HeartbeatOptions = { intervalMs: WORKER_BEAT_MS, ttlMs: WORKER_TTL_MS },
): Heartbeat {
  const { workers, clock, logger, describe, onBack } = dependencies;
  const life = createLife(dependencies, options.ttlMs - SAFETY_MS);
  let isFailing = false;
  let isStopped = false;
  let isBeating = false;
  let newestBeat: Promise<void> = Promise.resolve();
  let isBeatWanted = false;
  let cancelBeat: CancelTimer = () => undefined;

  const beat = async (): Promise<void> => {
    const sentMs = clock.monotonicMs();
    try {
      await workers.beat(describe(), options.ttlMs);
    } catch (error) {
      if (!isFailing) logger.warn({ err: toError(error) }, 'heartbeat failed');
      isFailing = true;
      return;
    }
    if (isStopped) return;
    const isBack = life.renew(sentMs) || isFailing;
    isFailing = false;
    if (isBack) onBack?.();
  };
  const tick = async (): Promise<void> => {
    if (isBeating || isStopped) {
      isBeatWanted = true;
      return;
    }
    isBeating = true;
    cancelBeat();
    const startedMs = clock.monotonicMs();
    newestBeat = beat();
    await newestBeat;
    isBeating = false;
    if (isStopped) return;
    const spentMs = clock.monotonicMs() - startedMs;
    const delayMs = isBeatWanted ? 0 : Math.max(0, options.intervalMs - spentMs);
    isBeatWanted = false;
    cancelBeat = clock.schedule(delayMs, () => void tick());
  };
  return {
    start: async () => {
      await tick();
      while (!isStopped && !life.isFresh()) await clock.sleep(options.intervalMs);
    },
    beatNow: () => void tick(),
    isFresh: life.isFresh,
    episode: life.episode,
    [Symbol.asyncDispose]: async () => {
      isStopped = true;
      cancelBeat();
      life.end();
      // One that is under way would write the row again.
      await newestBeat;
      try {
        await workers.leave(describe().workerId);
      } catch (error) {
        logger.warn({ err: toError(error) }, 'heartbeat row not removed; it will lapse');
      }
    },
  };
}

/** What this process may believe of its row, by its own monotonic clock. */
interface Life {
  readonly isFresh: () => boolean;
  readonly episode: () => number;
  /** A beat sent at `sentMs` was written. True when the life before it had lapsed or this is the first one. */
  readonly renew: (sentMs: number) => boolean;
  readonly end: () => void;
}

function createLife({ clock, logger, onLapse }: HeartbeatDependencies, lifeMs: number): Life {
  let lastSentMs = Number.NEGATIVE_INFINITY;
  let episode = 0;
  let hasLapsed = true;
  let cancelWatch: CancelTimer = () => undefined;
  const isFresh = (): boolean => !hasLapsed && clock.monotonicMs() - lastSentMs <= lifeMs;
  const lapse = (): void => {
    if (hasLapsed) return;
    hasLapsed = true;
    episode += 1;
    logger.warn({ reason: 'LeaseLost', episode }, 'heartbeat lapsed: runs are given up');
    onLapse?.(episode);
  };
  return {
    isFresh,
    episode: () => episode,
    renew: (sentMs) => {
      if (!isFresh()) lapse();
      const isBack = hasLapsed;
      lastSentMs = sentMs;
      hasLapsed = false;
      cancelWatch();
      cancelWatch = clock.schedule(sentMs + lifeMs - clock.monotonicMs() + 1, () => {
        if (!isFresh()) lapse();
      });
      return isBack;
    },
    end: () => {
      cancelWatch();
      hasLapsed = true;
    },
  };
}
