import type { StepRun } from '#pkg/store';

export interface HopFigures {
  readonly stepsCompleted: number;
  readonly hopMsP50: number | null;
  readonly hopMsP99: number | null;
}

/** A hop is counted while fewer than this many other steps ran at its start: the engine's own time, not the queue's. */
const OTHERS_RUNNING_MAX = 2;

/**
 * Returns how long the engine took from the end of one handler to the start of the next.
 *
 * Counted over steps with a predecessor and fewer than two others running when they started. Null where no
 * step qualifies. Times are ms with fractions.
 */
export function measureHops(runs: readonly StepRun[]): HopFigures {
  const hops = selectQuietRuns(runs)
    .flatMap((run) =>
      run.predecessorEndedAtMs === undefined ? [] : [run.startedAtMs - run.predecessorEndedAtMs],
    )
    .map((hopMs) => Math.max(0, hopMs))
    .toSorted((a, b) => a - b);
  return {
    stepsCompleted: runs.filter(({ finishedAtMs }) => finishedAtMs !== undefined).length,
    hopMsP50: findPercentile(hops, 0.5),
    hopMsP99: findPercentile(hops, 0.99),
  };
}

/** One sweep over starts and ends: the number of runs under way when each one starts. */
function selectQuietRuns(runs: readonly StepRun[]): readonly StepRun[] {
  const starts = runs.toSorted((a, b) => a.startedAtMs - b.startedAtMs);
  const ends = runs
    .map(({ finishedAtMs }) => finishedAtMs ?? Number.POSITIVE_INFINITY)
    .toSorted((a, b) => a - b);
  let ended = 0;
  return starts.filter((run, index) => {
    while ((ends[ended] ?? Number.POSITIVE_INFINITY) <= run.startedAtMs) ended += 1;
    return index - ended < OTHERS_RUNNING_MAX;
  });
}

/** Nearest-rank percentile of sorted values, rounded to microseconds. */
function findPercentile(sorted: readonly number[], ratio: number): number | null {
  const value = sorted[Math.max(0, Math.ceil(sorted.length * ratio) - 1)];
  return value === undefined ? null : Math.round(value * 1_000) / 1_000;
}
