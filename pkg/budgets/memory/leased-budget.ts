import type { Clock } from '#pkg/base';

import type { LeasedBudget } from '../budget.ts';
import { budgetKeyText } from '../limits.ts';
import { spentReason } from '../reading.ts';

/** A slot whose holder never says that its answer came returns after this time and one window. */
const LEASE_MS_MAX = 60_000;

/** Returns a completion-leased log that one process keeps to itself; for tests and simulations. */
export function createMemoryLeasedBudget(clock: Clock): LeasedBudget {
  const logs = new Map<string, Map<string, number>>();
  let sequence = 0;
  const logOf = (name: string, nowMs: number): Map<string, number> => {
    const log = logs.get(name) ?? new Map<string, number>();
    logs.set(name, log);
    for (const [slotId, freeAtMs] of log) if (freeAtMs <= nowMs) log.delete(slotId);
    return log;
  };
  return {
    acquire: async (key, limit) => {
      const nowMs = clock.monotonicMs();
      const log = logOf(budgetKeyText(key), nowMs);
      if (log.size >= limit.weightMax) {
        const freeAtMs = Math.min(...log.values());
        const retryAfterMs = Math.min(limit.windowMs, Math.ceil(freeAtMs - nowMs));
        return { kind: 'deferred', retryAfterMs, reason: spentReason(key) };
      }
      sequence += 1;
      const slotId = `slot-${sequence}`;
      log.set(slotId, nowMs + limit.windowMs + LEASE_MS_MAX);
      return { kind: 'granted', slotId };
    },
    complete: async (key, slotId, limit) => {
      const nowMs = clock.monotonicMs();
      const log = logOf(budgetKeyText(key), nowMs);
      log.set(slotId, nowMs + limit.windowMs);
    },
  };
}
