import type { Clock } from '#pkg/base';

const ALLOWANCE_WINDOW_MS = 10_000;

export interface LocalAllowance {
  /** Takes one for each name, or none when one of them has none left. */
  take(names: readonly string[]): boolean;
}

/** Counts what this process sends for each key while nobody counts for the fleet. */
export function createLocalAllowance(clock: Clock, countMax: number): LocalAllowance {
  const counts = new Map<string, { readonly startMs: number; readonly count: number }>();
  return {
    take: (names: readonly string[]): boolean => {
      const nowMs = clock.monotonicMs();
      const current = names.map((name) => {
        const stored = counts.get(name);
        return stored === undefined || nowMs >= stored.startMs + ALLOWANCE_WINDOW_MS
          ? { startMs: nowMs, count: 0 }
          : stored;
      });
      if (current.some(({ count }) => count >= countMax)) return false;
      names.forEach((name, index) => {
        const { startMs, count } = current[index] ?? { startMs: nowMs, count: 0 };
        counts.set(name, { startMs, count: count + 1 });
      });
      return true;
    },
  };
}
