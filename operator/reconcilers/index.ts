/**
 * reconcilers: observe, plan, apply, report.
 *
 * `planOperations` decides everything about a fleet and does no I/O; what stands around it reads the caches, carries the
 * operations out and writes the status. It builds no manifest (resources does) and knows no watch or queue (runtime
 * does). Invariants: whatever is not seen freshly is not changed; no pod of a worker is replaced before it is drained;
 * of the boxes that serve a lane one stays; numbers of slots replace no pod; nothing is written when all is as it should be.
 */
export { buildDesired, type Desired } from './fleet/desired.ts';
export { createFleetGauges } from './fleet/fleet-gauges.ts';
export { createFleetController } from './fleet/fleet-reconciler.ts';
export { lastGoodName, readLastGood } from './fleet/last-good.ts';
export type { Observed } from './fleet/observed.ts';
export type { Notice, Operation, OperationsPlan } from './fleet/operations.ts';
export { planOperations } from './fleet/plan-operations.ts';
export type { ClusterSettings } from './fleet/plan-egress.ts';
export { createProcessReader, type AskProcess } from './processes/process-reader.ts';
export { createNodeAgentController } from './node-agents/node-agent-controller.ts';
