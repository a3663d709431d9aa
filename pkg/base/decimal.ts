import { Decimal as DecimalBase } from 'decimal.js';

/** Arbitrary-precision decimals: 40 significant digits, never exponential notation in our ranges. */
export const Decimal = DecimalBase.clone({ precision: 40, toExpNeg: -30, toExpPos: 40 });
export type Decimal = InstanceType<typeof DecimalBase>;
export type DecimalValue = string | number | Decimal;
