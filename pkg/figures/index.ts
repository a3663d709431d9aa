/**
 * figures: what an account holds, may lose and has earned, each computed in one place.
 *
 * Profit comes from the venue's ledger alone, by the day on which the venue booked it, fees and funding included and what
 * the owner moved left out; exposure and risk come from the rows and the newest marks. Books of single positions are
 * the lifecycles'. Invariant: amounts are decimals from the venue's text to ours.
 */
export { ledgerOptionsOf, storeLedger, storeLedgers } from './definitions.ts';
export type { AccountFigures } from './figures.ts';
export { readFigures } from './read-figures.ts';
export { createFiguresHandlers } from './steps.ts';
