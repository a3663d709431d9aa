import type { WorkloadKind } from '#pkg/fleet-spec';
import { LABELS, PORTS, type FleetObject } from '#operator/api';
import type { KubeObject } from '#operator/runtime';
import type { FleetContext } from './fleet-context.ts';
import { KINDS } from './kinds.ts';
import { MIGRATE } from './migration.ts';
import { namespacedHead, objectName } from './naming.ts';
import type { Fields } from './pod-parts.ts';

/**
 * Returns what the pods of a fleet may say to whom: nothing, and then what each of them needs.
 *
 * Only the fleet's own pods are bound, for others may live in its namespace. Probes come from the box's kubelet, which
 * no policy stops.
 */
export function buildNetworkPolicies(context: FleetContext): readonly KubeObject[] {
  const { fleet } = context;
  return [
    policy(fleet, 'deny', { podSelector: ofFleet(fleet), policyTypes: ['Ingress', 'Egress'] }),
    ...(['mysql', 'redis'] as const)
      .filter((server) => fleet.spec.core[server].existing === null)
      .map((server) =>
        policy(fleet, server, {
          podSelector: ofFleet(fleet, [server]),
          policyTypes: ['Ingress'],
          ingress: [{ from: [{ podSelector: processes(fleet) }], ports: [tcp(PORTS[server])] }],
        }),
      ),
    policy(fleet, 'health', {
      podSelector: processes(fleet),
      policyTypes: ['Ingress'],
      ingress: [{ from: watchers(context), ports: [tcp(PORTS.health)] }],
    }),
    policy(fleet, 'process', {
      podSelector: processes(fleet),
      policyTypes: ['Egress'],
      egress: [NAME_LOOKUPS, ...coreRoutes(fleet)],
    }),
    policy(fleet, 'venue', {
      podSelector: ofFleet(fleet, CALLS_OUT),
      policyTypes: ['Egress'],
      egress: [venueRoute(fleet)],
    }),
    policy(fleet, 'web', {
      podSelector: ofFleet(fleet, ['web']),
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ ipBlock: ANYWHERE }], ports: [tcp(PORTS.http), tcp(PORTS.https)] }],
    }),
    ...(fleet.spec.web.tls.acmeEmail === null
      ? []
      : [
          policy(fleet, 'acme', {
            podSelector: ofFleet(fleet, ['web']),
            policyTypes: ['Egress'],
            egress: [PUBLIC_HTTPS],
          }),
        ]),
  ];
}

/** The kinds that the plan gives an egress address. */
const CALLS_OUT: readonly WorkloadKind[] = ['worker', 'market-stream', 'user-stream'];
const PROCESSES: readonly (WorkloadKind | typeof MIGRATE)[] = [
  ...CALLS_OUT,
  'dispatcher',
  'scheduler',
  'web',
  MIGRATE,
];

function policy(fleet: FleetObject, name: string, spec: Fields): KubeObject {
  return {
    ...namespacedHead(fleet, KINDS.NetworkPolicy, {
      name: objectName(fleet.metadata.name, name),
      component: 'network',
    }),
    spec,
  };
}

function ofFleet(fleet: FleetObject, workloads?: readonly string[]): Fields {
  return {
    matchLabels: { [LABELS.fleet]: fleet.metadata.name },
    ...(workloads === undefined
      ? {}
      : { matchExpressions: [{ key: LABELS.workload, operator: 'In', values: workloads }] }),
  };
}

function processes(fleet: FleetObject): Fields {
  return ofFleet(fleet, PROCESSES);
}

/** Who reads the health ports: the operator, which also drains by them, and Prometheus. */
function watchers({ systemNamespace, monitoringNamespace }: FleetContext): readonly Fields[] {
  return [
    {
      ...inNamespace(systemNamespace),
      podSelector: { matchLabels: { 'app.kubernetes.io/name': 'kraite-operator' } },
    },
    inNamespace(monitoringNamespace),
  ];
}

/** A server that a person brings stands on the private network: nothing of a fleet's data crosses the public one. */
function coreRoutes(fleet: FleetObject): readonly Fields[] {
  const { core, network } = fleet.spec;
  const own = (['mysql', 'redis'] as const).filter((server) => core[server].existing === null);
  return [
    ...own.map((server) => ({
      to: [{ podSelector: ofFleet(fleet, [server]) }],
      ports: [tcp(PORTS[server])],
    })),
    ...(own.length === 2 ? [] : [{ to: [{ ipBlock: { cidr: network.privateCIDR } }] }]),
  ];
}

/** A simulated venue and a provider of one's own stand anywhere, on any port; the real ones are public and on 443. */
function venueRoute({ spec }: FleetObject): Fields {
  const isNamed = spec.exchange.mode === 'simulated' || spec.indicators.provider.endpoint !== '';
  return isNamed ? { to: [{ ipBlock: ANYWHERE }] } : PUBLIC_HTTPS;
}

/** Kubernetes' own label on each namespace. */
const NAMESPACE_NAME = 'kubernetes.io/metadata.name';

export function inNamespace(name: string): Fields {
  return { namespaceSelector: { matchLabels: { [NAMESPACE_NAME]: name } } };
}

export const NAME_LOOKUPS: Fields = {
  to: [inNamespace('kube-system')],
  ports: [
    { protocol: 'UDP', port: 53 },
    { protocol: 'TCP', port: 53 },
  ],
};

/** The cloud's own addresses tell a server who it is and give its keys: no pod asks them. */
const LINK_LOCAL = '169.254.0.0/16';
export const ANYWHERE: Fields = { cidr: '0.0.0.0/0', except: [LINK_LOCAL] };

/** RFC 1918, RFC 6598, and link-local. */
const NOT_PUBLIC = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', LINK_LOCAL];

const PUBLIC_HTTPS: Fields = {
  to: [{ ipBlock: { cidr: '0.0.0.0/0', except: NOT_PUBLIC } }],
  ports: [tcp(443)],
};

function tcp(port: number): Fields {
  return { protocol: 'TCP', port };
}
