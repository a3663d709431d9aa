/**
 * The count of one clock-aligned window, as arithmetic.
 *
 * What a provider will have counted is what its newest header said, plus what we reserved and have no answer
 * for. A request that is under way when the window turns may land in either, so it counts in both; and since
 * our clock may be off by the guard, so does one that is answered that close to the turn. Headers arrive out of
 * order, hence the maximum. `redis/window-scripts.ts` is the same arithmetic in Lua; one conformance suite
 * holds both to it.
 */
import type { ProviderUsage, Settlement } from './budget.ts';

export interface WindowCount {
  readonly startMs: number;
  /** The most that the provider said of this window. */
  readonly seen: number;
  /** Answered, but by an answer that said nothing of this window: no reading is known to include it. */
  readonly loose: number;
  /** Of the newest of it. A request that was reserved after that brings a reading that includes it all. */
  readonly looseTicket: number;
  /** Reserved in this window and not yet answered. */
  readonly out: number;
  /** Reserved in the window before and not yet answered. */
  readonly carried: number;
  /** Everything counted in the window before. */
  readonly before: number;
  /** Answered so close to this window's end that the provider may have counted it in the next. */
  readonly tail: number;
}

/** Returns the weight that the provider may have counted in this window. */
export function countedWeight(count: WindowCount): number {
  return count.seen + count.loose + count.out + count.carried;
}

/** Returns the count as of `nowMs`: the same window, the next one, or a fresh one. */
export function rollWindow(
  count: WindowCount | undefined,
  windowMs: number,
  nowMs: number,
): WindowCount {
  const startMs = Math.floor(nowMs / windowMs) * windowMs;
  if (count === undefined || startMs > count.startMs + windowMs) {
    return { ...EMPTY, startMs };
  }
  // A process whose clock runs slightly behind charges the newer window.
  if (startMs <= count.startMs) return count;
  return {
    ...EMPTY,
    startMs,
    carried: count.out,
    before: countedWeight(count),
    loose: count.tail,
    // Whoever may bring a reading of this window reserves after it began, so after this.
    looseTicket: 0,
  };
}

const EMPTY = {
  seen: 0,
  loose: 0,
  looseTicket: 0,
  out: 0,
  carried: 0,
  before: 0,
  tail: 0,
} as const;

/** Where and by whose clock a window is counted. */
export interface WindowTerms {
  readonly windowMs: number;
  /** How far our estimate of provider time may be off, ms. */
  readonly guardMs: number;
}

/** Returns when `weight` may be asked for again, or undefined when it fits under `allowed` now. */
export function refusedUntilMs(
  count: WindowCount,
  { windowMs, guardMs }: WindowTerms,
  request: { readonly weight: number; readonly allowed: number; readonly nowMs: number },
): number | undefined {
  const { weight, allowed, nowMs } = request;
  if (countedWeight(count) + weight > allowed) return count.startMs + windowMs;
  const isAtStart = nowMs < count.startMs + guardMs;
  const ofBoth = count.before + countedWeight(count) - count.carried + weight;
  return isAtStart && ofBoth > allowed ? count.startMs + guardMs : undefined;
}

/** Returns the count after the answer to a reserved request, which is settled at `ticket`. */
export function settleWindow(
  count: WindowCount,
  { windowMs, guardMs }: WindowTerms,
  settlement: Settlement,
  ticket: number,
): WindowCount {
  const { weight, reservedAtMs, answeredAtMs } = settlement;
  const isOurs = reservedAtMs >= count.startMs;
  const isCarried = !isOurs && reservedAtMs >= count.startMs - windowMs;
  const used = findUsage(settlement.usages, windowMs);
  const endMs = count.startMs + windowMs;
  // Close to the turn a reading may still be of the window before, and would hold this one shut.
  const isReadingOfThisWindow =
    used !== undefined && reservedAtMs >= count.startMs + guardMs && answeredAtMs < endMs;
  const isAtEnd = isOurs && answeredAtMs >= endMs - guardMs;
  const settled: WindowCount = {
    ...count,
    tail: isAtEnd ? count.tail + weight : count.tail,
    out: isOurs ? Math.max(0, count.out - weight) : count.out,
    carried: isCarried ? Math.max(0, count.carried - weight) : count.carried,
  };
  if (isReadingOfThisWindow) {
    const isAllIncluded = (settlement.ticket ?? 0) > count.looseTicket;
    return {
      ...settled,
      seen: Math.max(count.seen, used),
      loose: isAllIncluded ? 0 : count.loose,
    };
  }
  if (!isOurs && !isCarried) return settled;
  return {
    ...settled,
    loose: count.loose + weight,
    looseTicket: ticket,
  };
}

function findUsage(usages: readonly ProviderUsage[], windowMs: number): number | undefined {
  return usages.find((usage) => usage.windowMs === windowMs)?.weightUsed;
}
