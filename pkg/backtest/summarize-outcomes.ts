import type { History } from './history.ts';
import { ENDED, type StartOutcomes } from './simulate-starts.ts';

/** Stops further apart than this belong to different falls. */
const EPISODE_CANDLES = 24;
/** The predecessor judged stops among 180 starts; ours are thousands. */
const STARTS_JUDGED = 180;

export interface BacktestFigures {
  readonly starts: number;
  readonly profits: number;
  readonly stops: number;
  /** Not ended when the history was. */
  readonly open: number;
  /** Stops among 180 ended starts. */
  readonly stopsPer180: number;
  /** Falls (or rises) that stopped positions: stops a day apart from all others count as one more. */
  readonly stopEpisodes: number;
  /** How many starts filled 0, 1, 2 … rungs. */
  readonly byRungs: readonly number[];
  /** Candles from the entry to the end, of the starts that ended. */
  readonly candlesHeld: { readonly median: number; readonly p95: number; readonly max: number };
  /** Percent of the full size (margin × leverage), after fees; what is open counts as if closed at the end. */
  readonly resultPercent: { readonly mean: number; readonly worst: number };
}

/** Returns the figures of all starts. */
export function summarizeOutcomes(
  history: History,
  outcomes: StartOutcomes,
  rungCount: number,
): BacktestFigures {
  const count = [0, 0, 0];
  const byRungs = Array.from({ length: rungCount + 1 }, () => 0);
  const held: number[] = [];
  const stoppedAt: number[] = [];
  let [total, worst] = [0, 0];
  for (let start = 0; start < history.length; start += 1) {
    const ended = outcomes.ended[start] ?? 0;
    const endedAt = outcomes.endedAt[start] ?? 0;
    const result = outcomes.results[start] ?? 0;
    const rungs = outcomes.rungs[start] ?? 0;
    count[ended] = (count[ended] ?? 0) + 1;
    byRungs[rungs] = (byRungs[rungs] ?? 0) + 1;
    total += result;
    worst = Math.min(worst, result);
    if (ended === ENDED.open) continue;
    held.push(endedAt - start + 1);
    if (ended === ENDED.stop) stoppedAt.push(endedAt);
  }
  const [open = 0, profits = 0, stops = 0] = count;
  const ended = profits + stops;
  held.sort((a, b) => a - b);
  return {
    starts: history.length,
    profits,
    stops,
    open,
    stopsPer180: ended === 0 ? 0 : (stops / ended) * STARTS_JUDGED,
    stopEpisodes: countEpisodes(stoppedAt),
    byRungs,
    candlesHeld: { median: quantile(held, 0.5), p95: quantile(held, 0.95), max: held.at(-1) ?? 0 },
    resultPercent: { mean: (total / history.length) * 100, worst: worst * 100 },
  };
}

function countEpisodes(stoppedAt: readonly number[]): number {
  const sorted = stoppedAt.toSorted((a, b) => a - b);
  return sorted.filter(
    (at, index) => at - (sorted[index - 1] ?? Number.NEGATIVE_INFINITY) > EPISODE_CANDLES,
  ).length;
}

/** The smallest value that at least `share` of the sorted values do not exceed. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
