/**
 * compose: the operator's process put together.
 *
 * The only place where the client, the manager and the controllers meet; `cmd/operator` names one function here. It
 * decides nothing about a fleet. Invariants: one of several replicas acts, by a lease; a lost lease ends the process; a
 * replica that does not lead is ready all the same, for it can take over.
 */
export { composeOperator, type OperatorParts } from './compose-operator.ts';
export type { OperatorConfig } from './operator-config.ts';
export { runOperator } from './run-operator.ts';
