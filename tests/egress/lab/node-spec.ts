import type { NodeEgressSpec } from '#operator/api';
import { ADDRESSES, RULES } from './addresses.ts';

export const NODE_NAME = 'eos-1';
export const ECHO_PORTS = ['9001', '9002', '9003'];

/** What the operator writes for the node of the lab. */
export const SPEC: NodeEgressSpec = {
  ...RULES,
  fleet: 'kraite',
  fleetNamespace: 'kraite',
  box: 'eos',
  role: 'trading',
  nodeName: NODE_NAME,
  echoEndpoints: ECHO_PORTS.map((port) => `http://${ADDRESSES.venue}:${port}/`),
};
