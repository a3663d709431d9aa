import { backoffDelayMs, type CancelTimer, type Clock, type Random } from '#pkg/base';

import type { ConnectAllowance } from './connect-allowance.ts';

/** How a connection that was let through went on. */
export type Attempt =
  /** It opened and lasted. */
  | 'lived'
  /** It did not open, or ended at once. */
  | 'failed'
  /** Nothing was asked of the venue's sockets: what came before it was refused. */
  | 'unused';

/** The one way out for all sockets of a process: they leave one after another, never as a crowd. */
export interface ConnectDoor {
  /** Resolves when the caller may connect, to the call that must tell how it went; rejects when `signal` aborts. */
  pass(signal: AbortSignal): Promise<Turn>;
}

/** Tells how the connection went; only the first word that ends the turn counts. */
export type Turn = (attempt: Attempt) => void;

export interface ConnectDoorDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly allowance: ConnectAllowance;
}

export interface ConnectDoorOptions {
  /** Least time between two connections. */
  readonly gapMs?: number;
}

const GAP_MS = 250;
/** So many failures in a row are the venue's doing, not one account's. */
const OUTAGE_AFTER = 5;
const OUTAGE_BACKOFF = { baseMs: 2_000, capMs: 30_000 };

/**
 * Returns a door.
 *
 * Callers pass in the order in which they came, a gap apart, as the address' allowance permits. After some failures in a
 * row one caller at a time knocks for all the others, 15 to 30 s after the one before; the first connection that lasts
 * lets them through again. So an outage costs at most 4 connections a minute, however many accounts wait.
 */
export function createConnectDoor(
  dependencies: ConnectDoorDependencies,
  options: ConnectDoorOptions = {},
): ConnectDoor {
  const { clock } = dependencies;
  const pace = createPace(dependencies, options.gapMs ?? GAP_MS);
  const waiting = new Set<(turn: Turn) => void>();
  let isLooking = false;
  let cancelLook: CancelTimer = () => undefined;

  const look = async (): Promise<void> => {
    cancelLook();
    if (isLooking) return;
    isLooking = true;
    while (waiting.size > 0) {
      const restMs = await pace.restMs();
      if (restMs === undefined) break;
      if (restMs > 0) {
        cancelLook = clock.schedule(restMs, () => void look());
        break;
      }
      const turn = pace.begin(() => void look());
      const [first] = waiting;
      if (first === undefined) turn('unused');
      else first(turn);
    }
    isLooking = false;
  };
  return {
    pass: (signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<Turn>();
      const giveUp = (): void => {
        waiting.delete(admit);
        reject(new Error('the connection is not wanted any more'));
      };
      const admit = (turn: Turn): void => {
        waiting.delete(admit);
        signal.removeEventListener('abort', giveUp);
        resolve(turn);
      };
      if (signal.aborted) giveUp();
      else {
        signal.addEventListener('abort', giveUp, { once: true });
        waiting.add(admit);
        void look();
      }
      return promise;
    },
  };
}

/** When the next one may pass, by how those before it went. */
interface Pace {
  /** How long nobody may pass, ms; undefined until a turn that is under way has ended. */
  restMs(): Promise<number | undefined>;
  begin(onEnded: () => void): Turn;
}

function createPace({ clock, random, allowance }: ConnectDoorDependencies, gapMs: number): Pace {
  let nextAtMs = Number.NEGATIVE_INFINITY;
  let failures = 0;
  let turnsUnderWay = 0;

  const conclude = (attempt: Attempt): void => {
    if (attempt === 'lived') failures = 0;
    if (attempt !== 'failed') return;
    failures += 1;
    if (failures < OUTAGE_AFTER) return;
    const restMs = backoffDelayMs(failures - OUTAGE_AFTER + 1, OUTAGE_BACKOFF, random);
    nextAtMs = Math.max(nextAtMs, clock.monotonicMs() + restMs);
  };
  return {
    restMs: async () => {
      const restMs = nextAtMs - clock.monotonicMs();
      if (restMs > 0) return restMs;
      if (failures >= OUTAGE_AFTER && turnsUnderWay > 0) return undefined;
      return allowance.take();
    },
    begin: (onEnded) => {
      nextAtMs = clock.monotonicMs() + gapMs;
      turnsUnderWay += 1;
      let isOver = false;
      return (attempt) => {
        if (isOver) return;
        isOver = true;
        turnsUnderWay -= 1;
        conclude(attempt);
        onEnded();
      };
    },
  };
}
