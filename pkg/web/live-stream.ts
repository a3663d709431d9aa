import { toError } from '#pkg/base';
import type { WebDependencies } from './dependencies.ts';
import { readSnapshot, type FleetSnapshot } from './snapshot.ts';

/** One page that listens. */
export interface Listener {
  /** Sends one message; false when the page is too slow or gone. */
  send(event: 'snapshot' | 'event' | 'trouble', payload: string): boolean;
  close(): void;
  readonly expiresAtMs: number;
  readonly sessionHash: string;
}

/**
 * One stream for all pages: a snapshot at most each second while somebody listens, and every event as it comes.
 *
 * With nobody listening nothing is read. A page that does not take its messages is closed; it reconnects.
 */
export interface LiveStream extends AsyncDisposable {
  hasRoom(): boolean;
  /** Adds a page, for which there must be room; the returned function removes it. */
  join(listener: Listener): () => void;
  /** Closes the pages of a session that ended. */
  closeSession(sessionHash: string): void;
}

const SNAPSHOT_EVERY_MS = 1_000;
const LISTENERS_MAX = 50;

export async function createLiveStream(dependencies: WebDependencies): Promise<LiveStream> {
  const { clock, logger, signals } = dependencies;
  const listeners = new Set<Listener>();
  let isReading = false;
  let isClosed = false;
  let cancelTimer: (() => void) | undefined;
  let latest: string | undefined;

  const broadcast = (event: 'snapshot' | 'event' | 'trouble', payload: string): void => {
    for (const listener of listeners) {
      const isCurrent = listener.expiresAtMs > clock.nowMs();
      if (isCurrent && listener.send(event, payload)) continue;
      listeners.delete(listener);
      listener.close();
    }
  };

  const tick = async (): Promise<void> => {
    cancelTimer = undefined;
    if (isReading || isClosed || listeners.size === 0) return;
    isReading = true;
    try {
      const snapshot: FleetSnapshot = await readSnapshot(dependencies);
      latest = JSON.stringify(snapshot);
      broadcast('snapshot', latest);
    } catch (error) {
      logger.warn({ err: toError(error) }, 'snapshot for the pages failed');
      broadcast('trouble', JSON.stringify('The fleet’s rows cannot be read now; trying again.'));
    } finally {
      isReading = false;
    }
    plan();
  };
  const plan = (): void => {
    if (isClosed || listeners.size === 0 || cancelTimer !== undefined) return;
    cancelTimer = clock.schedule(SNAPSHOT_EVERY_MS, () => void tick());
  };

  const unsubscribe = await signals.subscribe('events', (payload) => broadcast('event', payload));
  return {
    hasRoom: () => !isClosed && listeners.size < LISTENERS_MAX,
    join: (listener) => {
      listeners.add(listener);
      // While a timer waits, the newest snapshot is younger than its period.
      if (latest !== undefined && cancelTimer !== undefined) listener.send('snapshot', latest);
      else void tick();
      return () => {
        listeners.delete(listener);
      };
    },
    closeSession: (sessionHash) => {
      for (const listener of listeners) {
        if (listener.sessionHash !== sessionHash) continue;
        listeners.delete(listener);
        listener.close();
      }
    },
    [Symbol.asyncDispose]: async () => {
      isClosed = true;
      cancelTimer?.();
      for (const listener of listeners) listener.close();
      listeners.clear();
      await unsubscribe();
    },
  };
}
