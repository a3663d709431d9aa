/**
 * api: the three kinds of `fleet.kraite.io` and the names that operator, agent, charts and processes share.
 *
 * The spec of a KraiteFleet is fleet-spec's; here stand its status, the other two kinds, and the CRDs that are generated
 * from them (`crds.ts`, written to the operator's chart). Pure: it talks to no server. Invariant: whatever `kraite
 * validate` refuses for a cluster, the API server refuses with the same path, and the other way round.
 */
export {
  FLEET_CONDITIONS,
  KRAITE_FLEET,
  KRAITE_NODE_EGRESS,
  KRAITE_WORKER_POOL,
  NODE_EGRESS_CONDITIONS,
  type BoxStatus,
  type FleetConditionType,
  type FleetObject,
  type FleetPhase,
  type FleetStatus,
  type NodeEgressConditionType,
  type NodeEgressObject,
  type NodeEgressSpec,
  type NodeEgressStatus,
  type PlanEntry,
  type WorkerPoolObject,
  type WorkerPoolSpec,
  type WorkerPoolStatus,
  readFleetObject,
} from './kinds.ts';
export {
  AGENT_FIELD_MANAGER,
  ANNOTATIONS,
  API_VERSION,
  EGRESS_TIMES,
  FIELD_MANAGER,
  FINALIZERS,
  GROUP,
  HEALTH_PATHS,
  LABELS,
  PATHS,
  PORTS,
  PRE_STOP_HEADER,
  PRE_STOP_TIMEOUT_PARAMETER,
  READINESS_GATES,
  SECRET_KEYS,
  STATUS_FIELD_MANAGER,
  TAINTS,
  VERSION,
} from './names.ts';
export { taintsOfRole } from './taints.ts';
