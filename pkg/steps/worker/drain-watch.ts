import { toError, type CancelTimer, type Clock } from '#pkg/base';
import type { Logger } from '#pkg/observability';

/**
 * Knows when a worker that takes nothing more is through.
 *
 * Idle: it holds no step, neither reserved nor running. Drained: it was told to drain, is idle, and no step of its own
 * lane is ready, because such a step can run nowhere else (other lanes have other boxes).
 */
export interface DrainWatch extends Disposable {
  /** To be called whenever a step is taken or left, and when the orders change. */
  look(): void;
  isDrained(): boolean;
  whenDrained(): Promise<void>;
  whenIdle(): Promise<void>;
}

export interface DrainWatchDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly isDraining: () => boolean;
  /** Steps that are reserved or run here. */
  readonly countHeld: () => number;
  /** Ready steps of the own lane, from the rows; 0 for a worker that does not serve it. */
  readonly countOwnReady: () => Promise<number>;
}

/** A ready step whose job was lost comes back with the sweep, without a sign here. */
const RECOUNT_MS = 500;

export function createDrainWatch(dependencies: DrainWatchDependencies): DrainWatch {
  const { clock, logger, isDraining, countHeld, countOwnReady } = dependencies;
  const idle = createSignal();
  const drained = createSignal();
  /** Undefined while it is not known for the present moment. */
  let ownReady: number | undefined;
  let isCounting = false;
  let cancelRecount: CancelTimer = () => undefined;

  const isDrained = (): boolean => isDraining() && countHeld() === 0 && ownReady === 0;
  const count = async (): Promise<void> => {
    isCounting = true;
    let found: number | undefined;
    try {
      found = await countOwnReady();
    } catch (error) {
      logger.warn({ err: toError(error) }, 'own ready steps could not be counted yet');
    }
    isCounting = false;
    if (!isDraining() || countHeld() > 0) return;
    ownReady = found;
    if (isDrained()) return drained.fire();
    cancelRecount = clock.schedule(RECOUNT_MS, () => void count());
  };
  const look = (): void => {
    const isIdle = countHeld() === 0;
    if (isIdle) idle.fire();
    cancelRecount();
    ownReady = undefined;
    if (isIdle && isDraining() && !isCounting) void count();
  };
  return {
    look,
    isDrained,
    whenDrained: () => {
      const fired = drained.wait();
      if (isDrained()) drained.fire();
      else look();
      return fired;
    },
    whenIdle: () => {
      const fired = idle.wait();
      if (countHeld() === 0) idle.fire();
      return fired;
    },
    [Symbol.dispose]: () => cancelRecount(),
  };
}

function createSignal() {
  let waiters: (() => void)[] = [];
  return {
    wait: () =>
      new Promise<void>((resolve) => {
        waiters.push(resolve);
      }),
    fire: () => {
      const told = waiters;
      waiters = [];
      for (const tell of told) tell();
    },
  };
}
