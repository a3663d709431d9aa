/**
 * resources: the manifests of a fleet, from its object and plan, and nothing else.
 *
 * Pure: it asks nobody, reads no clock and decides nothing over time (when something is applied, drained or deleted is
 * reconcilers' part). Invariants: equal objects make equal manifests, whatever the operator's version; names are
 * `<fleet>-<workload>`, at most 52 characters; every pod of a fleet's namespace holds the `restricted` level of Pod
 * Security; numbers of slots stand in no pod template; a Secret's value stands in no other object.
 */
export { createFleetContext, imageOf, type FleetContext } from './fleet-context.ts';
export { buildFleetObjects, type FleetObjects, type WorkloadObject } from './fleet-objects.ts';
export { KINDS } from './kinds.ts';
export { fleetNames } from './naming.ts';
export { buildNodeAgents, type NodeAgentOptions } from './node-agent.ts';
export { workloadObjectName } from './process-pod.ts';
export {
  buildDisruptionBudget,
  buildWorkerPool,
  buildWorkloadConfig,
  poolName,
  type WorkloadOrders,
} from './processes.ts';
export { makeCredentials, type FleetCredentials } from './secrets.ts';
export { buildWebAddress } from './web-address.ts';
