import { Decimal } from '#pkg/base';

const FRACTION_DIGITS = 18;

/**
 * Returns `value` as the store keeps it: 18 digits after the point, half away from zero, as DECIMAL(36,18) does.
 * Every rule rounds what comes in, so that a row reads back as it was returned.
 */
export function storedAmount<T extends Decimal | undefined>(value: T): T {
  if (value === undefined || value.decimalPlaces() <= FRACTION_DIGITS) return value;
  return value.toDecimalPlaces(FRACTION_DIGITS, Decimal.ROUND_HALF_UP) as T;
}

/** Returns `text` as the store gives amounts back that stay text: plain digits, no trailing zeros. */
export function storedAmountText(text: string): string {
  return storedAmount(new Decimal(text)).toFixed();
}
