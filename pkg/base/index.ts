/**
 * base: the vocabulary under every other module: clock, chance, ids, decimals, errors, reasons.
 *
 * It is not a drawer for odds and ends: a file enters only when at least three modules need it and it
 * knows nothing of trading. `Date`, timers and randomness are reached through here and nowhere else, so
 * that the whole fleet can run under a seed and a virtual clock. Imports nothing of ours.
 */
export { assert, required, unreachable } from './assert.ts';
export { backoffDelayMs, type BackoffOptions } from './backoff.ts';
export type { Branded } from './brand.ts';
export {
  atEndOfTurn,
  createManualClock,
  createSystemClock,
  type CancelTimer,
  type Clock,
  type ManualClock,
} from './clock.ts';
export { Decimal, type DecimalValue } from './decimal.ts';
export { FleetError, toError, type FleetErrorOptions } from './errors.ts';
export { createIdMaker, type IdMaker } from './ids.ts';
export { formatInstant, parseInstant } from './instant.ts';
export { findNearest } from './nearest.ts';
export { createSeededRandom, createSystemRandom, type Random } from './random.ts';
export { REASONS, type Reason } from './reasons.ts';
