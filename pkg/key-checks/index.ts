/**
 * key-checks: may this key trade, from each address that the fleet signs on?
 *
 * One step on each box asks the venue from the address of that box; the answers are the cells of a table, account ×
 * address. It neither stores nor switches accounts. Invariants: what is tried is read as anything else that is signed
 * for, so a cell says what a trade would meet; a cell never holds a secret; only an answer of the venue refuses a key.
 */
export { concludeKeyChecks, type KeyVerdict } from './conclude.ts';
export { checkKey } from './definitions.ts';
export { readKeyCells, saveKeyCell, type KeyCell } from './key-cell.ts';
export { runKeyChecks, type SigningBox } from './run-checks.ts';
export { createKeyCheckHandlers } from './steps.ts';
