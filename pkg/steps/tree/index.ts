/**
 * tree: how a workflow's tree of steps changes, as pure functions from a tree to the rows to write.
 *
 * Not a store and not a runner: no clock, no chance, no I/O. Invariants: a step is ready only when every
 * lower index of its block has concluded; a block that broke runs its compensation exactly once; a tree in
 * which nothing is on its way has ended. Both store adapters commit what these functions return.
 */
export { cancelByHand, retryByHand, skipByHand, type HandDecision } from './by-hand.ts';
export { admit, hold, recover, wake } from './changes.ts';
export type { TreeDecision, TreeEffect } from './draft.ts';
export { effectOf, finish, type FinishOptions, type FinishTime, type RunEnd } from './finish.ts';
export type { StepEvent } from './step-transitions.ts';
