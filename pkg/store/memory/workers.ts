import type { Clock } from '#pkg/base';
import type { WorkerBeat, WorkerStore } from '../store.ts';
import { orderBy } from './order-by.ts';

interface WorkerEntry {
  readonly beat: WorkerBeat;
  readonly startedAtMs: number;
  readonly beatAtMs: number;
  readonly liveUntilMs: number;
}

export interface MemoryWorkerStore extends WorkerStore {
  /** True while the worker's last beat is within its life. */
  isLive(workerId: string): boolean;
  /** Until the first heartbeat that lives now would end. */
  nextExpiryInMs(): number | undefined;
}

const FORGET_MS = 86_400_000;

/** Returns heartbeats by `clock`, which stands for the database's. */
export function createMemoryWorkerStore(clock: Clock): MemoryWorkerStore {
  const entries = new Map<string, WorkerEntry>();
  return {
    isLive: (workerId) => (entries.get(workerId)?.liveUntilMs ?? 0) > clock.nowMs(),
    nextExpiryInMs: () => {
      const nowMs = clock.nowMs();
      const lives = [...entries.values()].filter(
        ({ beat, liveUntilMs }) => beat.lanes.length > 0 && liveUntilMs > nowMs,
      );
      if (lives.length === 0) return undefined;
      return Math.min(...lives.map(({ liveUntilMs }) => liveUntilMs - nowMs));
    },
    beat: async (beat, ttlMs) => {
      const nowMs = clock.nowMs();
      const known = entries.get(beat.workerId);
      if (known === undefined) {
        for (const [workerId, entry] of entries) {
          if (entry.liveUntilMs < nowMs - FORGET_MS) entries.delete(workerId);
        }
      }
      entries.set(beat.workerId, {
        beat,
        startedAtMs: known?.startedAtMs ?? nowMs,
        beatAtMs: nowMs,
        liveUntilMs: nowMs + ttlMs,
      });
    },
    leave: async (workerId) => {
      entries.delete(workerId);
    },
    list: async () =>
      [...entries.values()]
        .toSorted(
          orderBy(
            ({ beat }) => beat.box,
            ({ beat }) => beat.process,
            ({ beat }) => beat.workerId,
          ),
        )
        .map(({ beat, startedAtMs, beatAtMs }) => ({
          ...beat,
          startedAtMs,
          beatAgeMs: clock.nowMs() - beatAtMs,
        })),
  };
}
