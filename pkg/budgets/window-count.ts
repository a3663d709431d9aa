/**
 * The count of one clock-aligned window, as arithmetic.
 *
 * What a provider will have counted is what its newest header said, plus what we reserved and have no answer
 * for. A request that is under way when the window turns may land in either, so it counts in both. Headers
 * arrive out of order, hence the maximum. `redis/window-scripts.ts` is the same arithmetic in Lua; one
 * conformance suite holds both to it.
 */
import type { ProviderUsage, Settlement } from './budget.ts';

export interface WindowCount {
  readonly startMs: number;
  /** The most that the provider said, or that is known to have arrived, in this window. */
  readonly seen: number;
  /** Reserved in this window and not yet answered. */
  readonly out: number;
  /** Reserved in the window before and not yet answered. */
  readonly carried: number;
  /** Everything counted in the window before. */
  readonly before: number;
}

/** Returns the weight that the provider may have counted in this window. */
export function countedWeight(count: WindowCount): number {
  return count.seen + count.out + count.carried;
}

/** Returns the count as of `nowMs`: the same window, the next one, or a fresh one. */
export function rollWindow(
  count: WindowCount | undefined,
  windowMs: number,
  nowMs: number,
): WindowCount {
  const startMs = Math.floor(nowMs / windowMs) * windowMs;
  if (count === undefined || startMs > count.startMs + windowMs) {
    return { startMs, seen: 0, out: 0, carried: 0, before: 0 };
  }
  // A process whose clock runs slightly behind charges the newer window.
  if (startMs <= count.startMs) return count;
  return { startMs, seen: 0, out: 0, carried: count.out, before: countedWeight(count) };
}

/** Returns the count after the answer to a reserved request. */
export function settleWindow(
  count: WindowCount,
  windowMs: number,
  settlement: Settlement,
): WindowCount {
  const { weight, reservedAtMs, answeredAtMs } = settlement;
  const isOurs = reservedAtMs >= count.startMs;
  const isCarried = !isOurs && reservedAtMs >= count.startMs - windowMs;
  const used = findUsage(settlement.usages, windowMs);
  const isReadingOfThisWindow =
    used !== undefined && isOurs && answeredAtMs < count.startMs + windowMs;
  let { seen } = count;
  if (isReadingOfThisWindow) seen = Math.max(seen, used);
  else if (isOurs || isCarried) seen += weight;
  return {
    ...count,
    seen,
    out: isOurs ? Math.max(0, count.out - weight) : count.out,
    carried: isCarried ? Math.max(0, count.carried - weight) : count.carried,
  };
}

function findUsage(usages: readonly ProviderUsage[], windowMs: number): number | undefined {
  return usages.find((usage) => usage.windowMs === windowMs)?.weightUsed;
}
