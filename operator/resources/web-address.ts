import { LABELS } from '#operator/api';
import type { KubeObject } from '#operator/runtime';
import type { FleetContext } from './fleet-context.ts';
import { KINDS } from './kinds.ts';
import { fleetNames, namespacedHead, namespaceOf } from './naming.ts';

/** Class of load balancer that nobody else answers to: the box's own address, given by {@link buildWebAddress}. */
const BALANCER_CLASS = 'fleet.kraite.io/box-address';

/**
 * Returns the Service that leads from ports 80 and 443 of the brain's public address to the sites.
 *
 * A `hostPort` would be simpler and breaks the `restricted` level; an `externalIPs` is deprecated. Traffic stays on the
 * box (`Local`), so the sites see who asks, and no other box answers.
 */
export function buildWebService({ fleet }: FleetContext): KubeObject {
  const { tls } = fleet.spec.web;
  const port = (name: string, number: number) => ({
    name,
    port: number,
    targetPort: name,
    protocol: 'TCP',
  });
  return {
    ...namespacedHead(fleet, KINDS.Service, { name: fleetNames(fleet).web, component: 'web' }),
    spec: {
      type: 'LoadBalancer',
      loadBalancerClass: BALANCER_CLASS,
      allocateLoadBalancerNodePorts: false,
      externalTrafficPolicy: 'Local',
      selector: { [LABELS.fleet]: fleet.metadata.name, [LABELS.workload]: 'web' },
      ports: [
        port('http', 80),
        ...(tls.acmeEmail === null && tls.secret === null ? [] : [port('https', 443)]),
      ],
    },
  };
}

/**
 * Returns the status of that Service, for its `status` subresource: the address that kube-proxy takes traffic of.
 *
 * The address is the brain's own one, which the venue sees too. Nothing announces it, for the box has it already.
 */
export function buildWebAddress({ fleet }: FleetContext): KubeObject {
  return {
    apiVersion: KINDS.Service.apiVersion,
    kind: KINDS.Service.kind,
    metadata: { name: fleetNames(fleet).web, namespace: namespaceOf(fleet) },
    status: { loadBalancer: { ingress: [{ ip: fleet.spec.brain.egressIP, ipMode: 'VIP' }] } },
  };
}
