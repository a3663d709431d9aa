import type { Clock } from '#pkg/base';
import type { Frame, FrameStore } from '../stream-rows.ts';
import { orderBy } from './order-by.ts';

interface FrameEntry {
  readonly frame: Frame;
  readonly savedAtMs: number;
  appliedAtMs: number | undefined;
}

/** Returns frames in memory, aged by `clock`. */
export function createMemoryFrameStore(clock: Clock): FrameStore {
  const entries = new Map<string, FrameEntry>();
  const unapplied = new Set<string>();
  const fingerprints = new Set<string>();
  return {
    save: async (frame) => {
      if (entries.has(frame.id) || fingerprints.has(frame.fingerprint)) return 'duplicate';
      entries.set(frame.id, { frame, savedAtMs: clock.nowMs(), appliedAtMs: undefined });
      unapplied.add(frame.id);
      fingerprints.add(frame.fingerprint);
      return 'saved';
    },
    find: async (frameId) => entries.get(frameId)?.frame,
    markApplied: async (frameId, nowMs) => {
      const entry = entries.get(frameId);
      if (entry === undefined || !unapplied.delete(frameId)) return;
      entry.appliedAtMs = nowMs;
    },
    listUnapplied: async (olderThanMs, limit) =>
      [...unapplied]
        .flatMap((frameId) => entries.get(frameId) ?? [])
        .filter((entry) => entry.savedAtMs < clock.nowMs() - olderThanMs)
        .toSorted(
          orderBy(
            (entry) => entry.savedAtMs,
            (entry) => entry.frame.id,
          ),
        )
        .slice(0, limit)
        .map((entry) => entry.frame),
    prune: async ({ appliedBeforeMs, limit }) => {
      const old = [...entries.values()]
        .filter(({ appliedAtMs }) => appliedAtMs !== undefined && appliedAtMs < appliedBeforeMs)
        .slice(0, limit);
      for (const { frame } of old) {
        entries.delete(frame.id);
        fingerprints.delete(frame.fingerprint);
      }
      return old.length;
    },
  };
}
