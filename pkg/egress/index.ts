/**
 * egress: the identity that this process has for a venue, and the gate that a worker asks before it takes
 * a job.
 */
export type { Egress, EgressGate } from './egress.ts';
