/**
 * egress: the identity that this process has for a venue, whether it is proved, and the gate that a worker asks
 * before it takes a job.
 *
 * It sends nothing and counts nothing: the count is the budgets', the sockets are the exchange's. A closed
 * gate leaves the job in its lane, so that a box with weight left takes it.
 */
export type { Egress, EgressGate } from './egress.ts';
export { createEgressGate, type EgressGateDependencies, type EgressGateOptions } from './gate.ts';
export { watchEgressIdentity, type EgressIdentity } from './identity.ts';
export { parseEgressProof, type EgressProof } from './proof.ts';
