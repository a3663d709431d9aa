import type { Clock } from '#pkg/base';

/** A wall clock that was set by more than this starts a new estimate. */
const CLOCK_STEP_MS_MIN = 5;

/**
 * Returns a reader of wall-clock time in ms with fractions: the monotonic clock plus its distance to the wall clock.
 *
 * The wall clock shows whole ms, rounded down, so the largest distance seen is the nearest to the truth.
 */
export function createPreciseTime(clock: Clock): () => number {
  let offsetMs = Number.NEGATIVE_INFINITY;
  return () => {
    const monotonicMs = clock.monotonicMs();
    const distanceMs = clock.nowMs() - monotonicMs;
    const isStep = Math.abs(distanceMs - offsetMs) > CLOCK_STEP_MS_MIN;
    if (isStep || distanceMs > offsetMs) offsetMs = distanceMs;
    return monotonicMs + offsetMs;
  };
}
