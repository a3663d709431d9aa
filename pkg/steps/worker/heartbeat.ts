import { toError, type CancelTimer, type Clock } from '#pkg/base';
import type { Logger } from '#pkg/observability';
import type { WorkerBeat, WorkerStore } from '#pkg/store';

/** A worker is believed dead so long after its last beat. */
export const WORKER_TTL_MS = 1_500;
export const WORKER_BEAT_MS = 400;
/** While a worker runs nothing there is nothing to recover: it lives longer, and beats less often. */
const IDLE_TTL_MS = 9_000;
const IDLE_BEAT_MS = 3_000;
/** So long after its last step a worker beats as if it ran one. */
const IDLE_AFTER_MS = 2_000;
/** For processes that hold no step: they only show themselves. */
export const PRESENCE_TTL_MS = 12_000;
export const PRESENCE_BEAT_MS = 4_000;
/** One that is under way, and one that may fail. */
const HURRIED_BEATS_MAX = 3;
/** A worker gives up its leases so long before the database may. */
const SAFETY_MS = 200;

export interface Heartbeat extends AsyncDisposable {
  /** Writes the first row; resolves when it stands. Repeats until then. */
  start(): Promise<void>;
  /** Writes the row now, so that a changed state or reason shows at once. */
  beatNow(): void;
  /**
   * Asked before a step is claimed: resolves with true once the row's life is the short one, within which a death is noticed.
   * Costs a statement after idle times only. False when the row could not be written.
   */
  hurry(): Promise<boolean>;
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
  /** True while steps are held here. */
  readonly isBusy?: () => boolean;
  /** Called once for each lapse. */
  readonly onLapse?: (episode: number) => void;
  /** Called after a beat succeeded again after a failure or a lapse. */
  readonly onBack?: () => void;
}

interface Pace {
  readonly intervalMs: number;
  readonly ttlMs: number;
}

interface HeartbeatOptions extends Pace {
  /** While nothing is held. */
  readonly idle?: Pace;
}

const WORKER_OPTIONS: HeartbeatOptions = {
  intervalMs: WORKER_BEAT_MS,
  ttlMs: WORKER_TTL_MS,
  idle: { intervalMs: IDLE_BEAT_MS, ttlMs: IDLE_TTL_MS },
};

/** Returns the heartbeat of this process; dispose removes the row. */
export function createHeartbeat(
  dependencies: HeartbeatDependencies,
  options: HeartbeatOptions = WORKER_OPTIONS,
): Heartbeat {
  const { workers, clock, logger, describe } = dependencies;
  const life = createLife(dependencies);
  const writer = createWriter(dependencies, options, life);
  let hurrying: Promise<void> | undefined;
  let isStopped = false;
  let isBeating = false;
  let newestBeat: Promise<void> = Promise.resolve();
  let isBeatWanted = false;
  let cancelBeat: CancelTimer = () => undefined;

  const tick = async (): Promise<void> => {
    if (isBeating || isStopped) {
      isBeatWanted = true;
      return;
    }
    isBeating = true;
    cancelBeat();
    const startedMs = clock.monotonicMs();
    newestBeat = writer.write(() => isStopped);
    await newestBeat;
    isBeating = false;
    if (isStopped) return;
    const spentMs = clock.monotonicMs() - startedMs;
    const delayMs = isBeatWanted ? 0 : Math.max(0, writer.paceNow().intervalMs - spentMs);
    isBeatWanted = false;
    cancelBeat = clock.schedule(delayMs, () => void tick());
  };
  const shortenLife = async (): Promise<void> => {
    for (
      let tries = 0;
      writer.isLongLived() && !isStopped && tries < HURRIED_BEATS_MAX;
      tries += 1
    ) {
      await newestBeat;
      if (writer.isLongLived()) await tick();
    }
  };
  return {
    start: async () => {
      await tick();
      while (!isStopped && !life.isFresh()) await clock.sleep(options.intervalMs);
    },
    beatNow: () => void tick(),
    hurry: async () => {
      writer.begin();
      hurrying ??= shortenLife().finally(() => {
        hurrying = undefined;
      });
      await hurrying;
      return !writer.isLongLived() && life.isFresh();
    },
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

/** Writes the row, at the pace of what the worker holds. */
function createWriter(dependencies: HeartbeatDependencies, options: HeartbeatOptions, life: Life) {
  const { workers, clock, logger, describe, onBack, isBusy = () => false } = dependencies;
  let busyAtMs = Number.NEGATIVE_INFINITY;
  /** The newest row that may stand lives longer than a step's worker may. */
  let isLongLived = false;
  let isFailing = false;
  const paceNow = (): Pace => {
    const nowMs = clock.monotonicMs();
    if (isBusy()) busyAtMs = nowMs;
    return nowMs - busyAtMs > IDLE_AFTER_MS ? (options.idle ?? options) : options;
  };
  return {
    paceNow,
    isLongLived: () => isLongLived,
    /** From now on as if a step were held. */
    begin: () => {
      busyAtMs = clock.monotonicMs();
    },
    write: async (isStopped: () => boolean): Promise<void> => {
      const sentMs = clock.monotonicMs();
      const { ttlMs } = paceNow();
      const endMs = sentMs + ttlMs - SAFETY_MS;
      if (ttlMs > options.ttlMs) isLongLived = true;
      // Written perhaps although the reply is lost: a shorter life is believed in before it is confirmed.
      life.shorten(endMs);
      try {
        await workers.beat(describe(), ttlMs);
      } catch (error) {
        if (!isFailing) logger.warn({ err: toError(error) }, 'heartbeat failed');
        isFailing = true;
        return;
      }
      if (isStopped()) return;
      isLongLived = ttlMs > options.ttlMs;
      const isBack = life.renew(endMs) || isFailing;
      isFailing = false;
      if (isBack) onBack?.();
    },
  };
}

/** What this process may believe of its row, by its own monotonic clock. */
interface Life {
  readonly isFresh: () => boolean;
  readonly episode: () => number;
  /** The row lives, and is believed in until then. True when the life before it had lapsed or this is the first one. */
  readonly renew: (untilMs: number) => boolean;
  /** The row may end as early as then. */
  readonly shorten: (untilMs: number) => void;
  readonly end: () => void;
}

function createLife({ clock, logger, onLapse }: HeartbeatDependencies): Life {
  let endMs = Number.NEGATIVE_INFINITY;
  let episode = 0;
  let hasLapsed = true;
  let cancelWatch: CancelTimer = () => undefined;
  const isFresh = (): boolean => !hasLapsed && clock.monotonicMs() <= endMs;
  const lapse = (): void => {
    if (hasLapsed) return;
    hasLapsed = true;
    episode += 1;
    logger.warn({ reason: 'LeaseLost', episode }, 'heartbeat lapsed: runs are given up');
    onLapse?.(episode);
  };
  const believeUntil = (untilMs: number): void => {
    endMs = untilMs;
    cancelWatch();
    cancelWatch = clock.schedule(endMs - clock.monotonicMs() + 1, () => {
      if (!isFresh()) lapse();
    });
  };
  return {
    isFresh,
    episode: () => episode,
    renew: (untilMs) => {
      if (!isFresh()) lapse();
      const isBack = hasLapsed;
      hasLapsed = false;
      believeUntil(untilMs);
      return isBack;
    },
    shorten: (untilMs) => {
      if (!hasLapsed && untilMs < endMs) believeUntil(untilMs);
    },
    end: () => {
      cancelWatch();
      hasLapsed = true;
    },
  };
}
