import type { Reason } from '#pkg/base';
import type { BudgetPriority } from '#pkg/budgets';

/**
 * Which address a request leaves from.
 *
 * `egressAddress` is the identity: what the object names, what budgets and rows are keyed by.
 * `bindAddress` is given only where this process must bind a local address itself (the local runtime, where
 * box n leaves from 127.0.n.1); in a pod the node's SNAT does it and binding would fail.
 */
export interface Egress {
  readonly box: string;
  readonly egressAddress: string;
  readonly bindAddress: string | undefined;
}

/**
 * Asked before a job is taken: a reason to leave it for another box, or undefined.
 *
 * Answers at once from the newest reading. Work that protects a position is held back only while the venue
 * refuses the address altogether.
 */
export type EgressGate = (priority?: BudgetPriority) => Reason | undefined;
