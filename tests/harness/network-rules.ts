/**
 * Whether NetworkPolicies let one talk to another, as Kubernetes says it: a pod that no policy selects is free, a pod that
 * one selects may only do what some policy allows, and both ends must agree.
 */
import { BlockList } from 'node:net';

import type { KubeObject } from '#operator/runtime';

type Labels = Readonly<Record<string, string>>;

export interface Peer {
  /** Absent for what is no pod. */
  readonly pod?: { readonly namespace: string; readonly labels: Labels };
  readonly address: string;
}

interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values: readonly string[];
  }[];
}

interface Place {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}

interface Rule {
  readonly from?: readonly Place[];
  readonly to?: readonly Place[];
  readonly ports?: readonly { readonly protocol: string; readonly port: number }[];
}

interface PolicySpec {
  readonly podSelector: Selector;
  readonly policyTypes: readonly ('Ingress' | 'Egress')[];
  readonly ingress?: readonly Rule[];
  readonly egress?: readonly Rule[];
}

/** Returns whether `from` may open a connection to `port` of `to`. */
export function mayReach(
  policies: readonly KubeObject[],
  from: Peer,
  { to, port, protocol = 'TCP' }: { to: Peer; port: number; protocol?: string },
): boolean {
  const passes = (self: Peer, other: Peer, type: 'Ingress' | 'Egress'): boolean => {
    const bound = policies.filter((policy) => isBound(policy, self, type));
    if (bound.length === 0) return true;
    return bound.some((policy) => {
      const { ingress = [], egress = [] } = specOf(policy);
      return (type === 'Ingress' ? ingress : egress).some((rule) => {
        const places = type === 'Ingress' ? rule.from : rule.to;
        const isThere =
          places === undefined || places.some((place) => isIn(place, other, policy.metadata));
        const isPort =
          rule.ports === undefined ||
          rule.ports.some((each) => each.port === port && each.protocol === protocol);
        return isThere && isPort;
      });
    });
  };
  return passes(from, to, 'Egress') && passes(to, from, 'Ingress');
}

function specOf(policy: KubeObject): PolicySpec {
  return policy['spec'] as PolicySpec;
}

function isBound(policy: KubeObject, { pod }: Peer, type: 'Ingress' | 'Egress'): boolean {
  const { podSelector, policyTypes } = specOf(policy);
  return (
    pod !== undefined &&
    pod.namespace === policy.metadata.namespace &&
    policyTypes.includes(type) &&
    selects(podSelector, pod.labels)
  );
}

function isIn(place: Place, peer: Peer, { namespace }: KubeObject['metadata']): boolean {
  const { ipBlock, podSelector, namespaceSelector } = place;
  if (ipBlock !== undefined) {
    const { cidr, except = [] } = ipBlock;
    return isInside(cidr, peer.address) && !except.some((each) => isInside(each, peer.address));
  }
  const { pod } = peer;
  if (pod === undefined) return false;
  const isNamespace =
    namespaceSelector === undefined
      ? pod.namespace === namespace
      : selects(namespaceSelector, { 'kubernetes.io/metadata.name': pod.namespace });
  return isNamespace && (podSelector === undefined || selects(podSelector, pod.labels));
}

function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([name, value]) => labels[name] === value) &&
    matchExpressions.every(({ key, operator, values }) => {
      if (operator !== 'In') throw new Error(`no policy of ours says ${operator}`);
      return values.includes(labels[key] ?? '');
    })
  );
}

function isInside(cidr: string, address: string): boolean {
  const [network = '', length = ''] = cidr.split('/');
  const block = new BlockList();
  block.addSubnet(network, Number(length));
  return block.check(address);
}
