/**
 * holds: what a person, or a guard, keeps from beginning, for how long and why.
 *
 * A hold stands on the whole fleet, a lane or an account, and belongs to a source (a person's pause, a mode, a halt): several may
 * stand at once and each is ended by its own. It keeps work from being admitted and positions from being opened; what protects and
 * closes asks nobody. This module is not who decides about one: it stores them and says which applies.
 * Invariants: every hold has an owner, a reason word, a why and a since; one that has an end ends by itself then.
 */
export { findHold, type HeldWork } from './find-hold.ts';
export { describeHold, describeScope } from './describe-hold.ts';
export { endHold, listHolds, setHold, type Hold, type HoldScope } from './hold-rows.ts';
