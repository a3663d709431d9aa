import type { EgressRules } from '#operator/node-agent';

export const ADDRESSES = {
  pod: '10.42.1.10',
  podGateway: '10.42.1.1',
  /** First address of the node: flannel's masquerade takes it. */
  nodeOwn: '203.0.113.10',
  egress: '203.0.113.13',
  otherEgress: '203.0.113.14',
  venue: '203.0.113.250',
} as const;

export const RULES: EgressRules = {
  podCIDR: '10.42.1.0/24',
  clusterCIDR: '10.42.0.0/16',
  egressIP: ADDRESSES.egress,
};
