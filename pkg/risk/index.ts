/**
 * risk: may an account carry one ladder more?
 *
 * Asked last, by every order that opens: the entry and each rung. Pure: the ladders of an account, its balance and
 * its limits in, the first refusal with its figures out. It reads no row and calls no venue, and what protects or
 * closes never asks it. Invariants: a ladder counts with every rung filled, because the rungs stand at the venue and
 * fill without asking; a higher balance never turns an allowed order into a refused one.
 */
export { judgeLadder, limitsOf, type RiskDecision, type RiskFacts } from './judge-ladder.ts';
export { fillLadder, openLadder, type FullLadder } from './full-ladder.ts';
export { bookOf, gainOf } from './open-book.ts';
