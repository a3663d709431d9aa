import { assert, Decimal, type Branded, type DecimalValue } from '#pkg/base';

/** Quote currency for one unit of base currency. */
export type Price = Branded<Decimal, 'Price'>;
/** Base currency, never negative: the side says which way. */
export type Quantity = Branded<Decimal, 'Quantity'>;
/** Quote currency (USDT); may be negative where it is a gain or a loss. */
export type Notional = Branded<Decimal, 'Notional'>;

/** Returns `value` as a price. Asserts that it is finite and not negative. */
export function price(value: DecimalValue): Price {
  return checked(value, 'a price') as Price;
}

/** Returns `value` as a quantity. Asserts that it is finite and not negative. */
export function quantity(value: DecimalValue): Quantity {
  return checked(value, 'a quantity') as Quantity;
}

/** Returns `value` as an amount of quote currency, which may be negative. */
export function notional(value: DecimalValue): Notional {
  const decimal = new Decimal(value);
  assert(decimal.isFinite(), 'An amount must be finite.');
  return decimal as Notional;
}

/** Returns what `held` is worth at `each`. */
export function worth(held: Quantity, each: Price): Notional {
  return held.times(each) as Notional;
}

function checked(value: DecimalValue, what: string): Decimal {
  const decimal = new Decimal(value);
  assert(decimal.isFinite() && !decimal.isNegative(), `${what} must be finite and not negative.`);
  return decimal;
}
