import { assert } from '#pkg/base';
import { mean, populationDeviation } from './spread.ts';

/** Returns Pearson's correlation, -1 to 1; undefined with fewer than two pairs or when a side never changes. */
export function pearson(left: readonly number[], right: readonly number[]): number | undefined {
  assert(left.length === right.length, 'Correlated series have one length.');
  if (isConstant(left) || isConstant(right)) return undefined;
  const [middleLeft, middleRight] = [mean(left), mean(right)];
  let [both, squaresLeft, squaresRight] = [0, 0, 0];
  for (const [index, value] of left.entries()) {
    const fromLeft = value - middleLeft;
    const fromRight = (right[index] ?? 0) - middleRight;
    both += fromLeft * fromRight;
    squaresLeft += fromLeft * fromLeft;
    squaresRight += fromRight * fromRight;
  }
  const scale = Math.sqrt(squaresLeft) * Math.sqrt(squaresRight);
  // Differences so small that their squares vanish are no movement.
  return scale > 0 ? Math.max(-1, Math.min(1, both / scale)) : undefined;
}

function isConstant(values: readonly number[]): boolean {
  return values.every((value) => value === values[0]);
}

/** Returns the rank of each value, 1 for the smallest; equal values share the mean of their places. */
export function rankWithTies(values: readonly number[]): readonly number[] {
  const order = values.map((_, index) => index).toSorted((a, b) => at(values, a) - at(values, b));
  const ranks = values.map(() => 0);
  for (let first = 0; first < order.length;) {
    const value = at(values, at(order, first));
    let next = first + 1;
    while (next < order.length && at(values, at(order, next)) === value) next += 1;
    // Places first+1 … next, whose mean is (first + 1 + next) / 2.
    for (let place = first; place < next; place += 1)
      ranks[at(order, place)] = (first + 1 + next) / 2;
    first = next;
  }
  return ranks;
}

function at(values: readonly number[], index: number): number {
  return values[index] ?? 0;
}

/** Returns Spearman's correlation: Pearson's of the ranks, with ties averaged. */
export function spearman(left: readonly number[], right: readonly number[]): number | undefined {
  return pearson(rankWithTies(left), rankWithTies(right));
}

/**
 * Returns Pearson's correlation in windows of `window` pairs, `step` apart, oldest first.
 *
 * The last window ends at the newest pair; windows in which a side never changes are left out.
 */
export function rollingCorrelation(
  left: readonly number[],
  right: readonly number[],
  { window, step }: { readonly window: number; readonly step: number },
): readonly number[] {
  assert(window >= 2 && step >= 1, 'A window holds two pairs or more and moves on.');
  const found: number[] = [];
  for (let end = left.length; end >= window; end -= step) {
    const value = pearson(left.slice(end - window, end), right.slice(end - window, end));
    if (value !== undefined) found.push(value);
  }
  return found.toReversed();
}

export interface RollingSummary {
  readonly recent: number;
  readonly average: number;
  /** Mean with weights 1, 2, 3 … towards the newest window. */
  readonly weighted: number;
  /** max(0, 1 − 2σ) of the windows, σ of the population: 1 never changes, 0 says nothing. */
  readonly stability: number;
}

/** Returns what the windows of {@link rollingCorrelation} say together; undefined without any. */
export function summarizeRolling(windows: readonly number[]): RollingSummary | undefined {
  const recent = windows.at(-1);
  if (recent === undefined) return undefined;
  const weights = (windows.length * (windows.length + 1)) / 2;
  return {
    recent,
    average: mean(windows),
    weighted: windows.reduce((sum, value, index) => sum + value * (index + 1), 0) / weights,
    stability: Math.max(0, 1 - 2 * populationDeviation(windows)),
  };
}
