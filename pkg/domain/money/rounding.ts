import { assert, Decimal } from '#pkg/base';
import type { Price, Quantity } from './money.ts';

export type Rounding = 'down' | 'up' | 'nearest';

const MODES = {
  down: Decimal.ROUND_FLOOR,
  up: Decimal.ROUND_CEIL,
  nearest: Decimal.ROUND_HALF_UP,
} as const;

/** Returns `value` on the venue's price grid. A tick of zero means that the venue has no grid. */
export function roundPrice(value: Decimal, tickSize: Price, rounding: Rounding): Price {
  return toGrid(value, tickSize, rounding) as Price;
}

/** Returns `value` on the venue's quantity grid, never more than it was: we never ask for more than planned. */
export function roundQuantity(value: Decimal, stepSize: Quantity): Quantity {
  return toGrid(value, stepSize, 'down') as Quantity;
}

function toGrid(value: Decimal, step: Decimal, rounding: Rounding): Decimal {
  assert(value.isFinite() && !value.isNegative(), 'Only finite, positive values are rounded.');
  if (step.isZero()) return value;
  return value.div(step).toDecimalPlaces(0, MODES[rounding]).times(step);
}
