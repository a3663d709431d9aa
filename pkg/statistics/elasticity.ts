import { assert } from '#pkg/base';

/** Fewer moves than this say nothing about a slope. */
const MOVES_MIN = 30;

/**
 * Returns by how much a symbol moves when the reference moves by 1, over the moves in which the reference rose
 * (or fell); undefined with fewer than 30 of them.
 *
 * The slope through the origin with the least sum of absolute errors, which is the median of `move / reference`
 * weighted by the size of the reference's move. A tiny move of the reference therefore weighs next to nothing,
 * whatever its quotient, and half of the weight must be wrong before the slope is.
 */
export function elasticity(
  moves: readonly number[],
  reference: readonly number[],
  when: 'rising' | 'falling',
): number | undefined {
  assert(moves.length === reference.length, 'Compared series have one length.');
  const sign = when === 'rising' ? 1 : -1;
  const slopes = reference.flatMap((base, index) =>
    base * sign > 0 ? [{ slope: (moves[index] ?? 0) / base, weight: Math.abs(base) }] : [],
  );
  // The quotient of a move near the smallest number there is may be infinite; it weighs nothing.
  const finite = slopes.filter(({ slope }) => Number.isFinite(slope));
  return finite.length < MOVES_MIN ? undefined : weightedMedian(finite);
}

function weightedMedian(
  values: readonly { readonly slope: number; readonly weight: number }[],
): number {
  const sorted = values.toSorted((a, b) => a.slope - b.slope);
  const half = sorted.reduce((sum, { weight }) => sum + weight, 0) / 2;
  let passed = 0;
  for (const [index, { slope, weight }] of sorted.entries()) {
    passed += weight;
    if (passed > half) return slope;
    // Every slope from here to the next has the same error: take the middle.
    if (passed === half) return (slope + (sorted[index + 1]?.slope ?? slope)) / 2;
  }
  return sorted.at(-1)?.slope ?? 0;
}
