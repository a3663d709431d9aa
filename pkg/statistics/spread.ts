import { assert } from '#pkg/base';

/** Returns the arithmetic mean. Asserts that there is a value. */
export function mean(values: readonly number[]): number {
  assert(values.length > 0, 'A mean is of at least one value.');
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Returns the standard deviation of a whole population (divided by n). Asserts that there is a value. */
export function populationDeviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}
