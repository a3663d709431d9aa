/**
 * Names that several parts of the operator meet under: labels, taints, annotations, gates, ports, paths.
 *
 * Fixed once: the operator, the node agent, the charts, the k3s configuration and the processes in the pods all read
 * them from here.
 */
export const GROUP = 'fleet.kraite.io';
export const VERSION = 'v1alpha1';
export const API_VERSION = `${GROUP}/${VERSION}` as const;

/** Server-side apply: who holds the fields. */
export const FIELD_MANAGER = 'kraite-operator';
export const STATUS_FIELD_MANAGER = 'kraite-operator-status';
export const AGENT_FIELD_MANAGER = 'kraite-node-agent';

export const LABELS = {
  /** On everything that a fleet owns: its name. */
  fleet: `${GROUP}/fleet`,
  /** On nodes (k3s registers it) and on what is pinned to a box: the name of the box. Informs only. */
  box: `${GROUP}/box`,
  lane: `${GROUP}/lane`,
  /** `mysql`, `redis`, `dispatcher`, … as the plan's workload kinds. */
  workload: `${GROUP}/workload`,
  role: `${GROUP}/role`,
  /** On nodes, set by the operator; a kubelet cannot write this prefix, so only these pin. */
  nodeBox: 'node-restriction.kubernetes.io/kraite-box',
  nodeRole: 'node-restriction.kubernetes.io/kraite-role',
} as const;

export const TAINTS = {
  /** `core` or `trading`, NoSchedule: nothing else shares the box. Who has which: `taintsOfRole`. */
  role: `${GROUP}/role`,
  /** On trading boxes, NoSchedule until the node's address is verified. */
  egressUnverified: `${GROUP}/egress-unverified`,
} as const;

export const ANNOTATIONS = {
  /** `disabled` on a fleet: the operator changes nothing and says so. */
  reconcile: `${GROUP}/reconcile`,
  /** Any new value on a fleet: looks at it at once. */
  reconcileRequestedAt: `${GROUP}/reconcile-requested-at`,
  /** `drain=2026-01-01T00:00:00Z`: passes that gate of an update until then. */
  skipGate: `${GROUP}/skip-gate`,
  /** On worker pods: generation of workload.json; touched so that the kubelet syncs the ConfigMap at once. */
  workloadGeneration: `${GROUP}/workload-generation`,
  /** On pod templates: hash of what makes a pod of ours another one. */
  templateHash: `${GROUP}/template-hash`,
  /** On what the operator applied: hash of the whole of it, so that a field which is left out again is seen. */
  appliedHash: `${GROUP}/applied-hash`,
  /** On a worker's ConfigMap: since when it drains. */
  drainStartedAt: `${GROUP}/drain-started-at`,
  /** The fleet's own name, on a fleet: deleting it deletes its data too. */
  deleteData: `${GROUP}/delete-data`,
} as const;

export const FINALIZERS = {
  fleet: `${GROUP}/drain`,
  nodeEgress: `${GROUP}/egress-teardown`,
} as const;

export const READINESS_GATES = { egressVerified: `${GROUP}/egress-verified` } as const;

/** Ports of the pods. */
export const PORTS = { health: 9464, http: 8080, https: 8443, mysql: 3306, redis: 6379 } as const;

/** Paths in the pods, and on the boxes where they are mounted from. */
export const PATHS = {
  /** Mounted ConfigMap of the pod's own lane. */
  workloadFile: '/etc/kraite/workload/workload.json',
  fleetFile: '/etc/kraite/fleet/fleet.json',
  accountKeyFile: '/etc/kraite/account-key/key',
  adminPasswordFile: '/etc/kraite/admin/password',
  tlsFolder: '/etc/kraite/tls',
  scratchFolder: '/var/lib/kraite',
  /** hostPath on the box, written by its node agent: the verified egress identity, with an expiry. */
  egressFolder: '/run/kraite/egress',
  egressFile: '/run/kraite/egress/egress.json',
  /** hostPath on the box, shared by the node agent and its probe pod only: a socket, so that no address need be known. */
  probeFolder: '/run/kraite/probe',
  probeSocket: '/run/kraite/probe/probe.sock',
  /** hostPath on the box, written by its node agent: the rules that kraite-egress.service loads before k3s starts. */
  bootFolder: '/etc/kraite',
  bootRulesFile: '/etc/kraite/egress.nft',
  /** Folders of the core box that the two servers keep their data in; whoever sets the box up makes them. */
  dataFolders: { mysql: '/srv/kraite/mysql', redis: '/srv/kraite/redis' },
  /** What the box's KraiteNodeEgress said last: its agent starts by it while the API server is away. */
  bootSpecFile: '/etc/kraite/egress-spec.json',
} as const;

/** How often an address is proved, and how long a proof counts. */
export const EGRESS_TIMES = {
  verifyEveryMs: 60_000,
  /** Of egress.json: ordinary work stops this long after the last proof. */
  validMs: 180_000,
  /** Of egress.json: work that protects a position stops this long after it, or when anything contradicts it. */
  protectMs: 3_600_000,
  /** An unchanged status is written again this often, so that the operator sees that the agent lives. */
  statusEveryMs: 300_000,
  /** The operator takes an older `status.verifiedAt` for unverified: it taints the node and closes the gate of its pods. */
  statusStaleMs: 900_000,
} as const;

/**
 * The health port of every pod. `preStop` is a GET with PRE_STOP_HEADER and `?timeoutSeconds=N`: it begins to drain and
 * answers when the process is drained (200) or the time is over (503), so that a `lifecycle.preStop.httpGet` waits for it;
 * `drain` is a POST that answers at once. The body of `ready` is read by `parseProcessFacts`.
 */
export { HEALTH_PATHS, PRE_STOP_HEADER, PRE_STOP_TIMEOUT_PARAMETER } from '#pkg/observability';

/** Keys of the Secrets that processes read. */
export const SECRET_KEYS = {
  /** Of `<fleet>-core`: connection URLs, and the passwords they contain. */
  mysqlUrl: 'mysqlUrl',
  redisUrl: 'redisUrl',
  mysqlRootPassword: 'mysqlRootPassword',
  mysqlPassword: 'mysqlPassword',
  redisPassword: 'redisPassword',
  /** Of `<fleet>-account-key`: 64 hex digits. */
  accountKey: 'key',
  /** Of `<fleet>-admin`: the first password of the admin site. */
  adminPassword: 'password',
  /** Of `<fleet>-indicators`: what the provider calls its secret. */
  indicatorsSecret: 'secret',
} as const;
