/**
 * Every environment variable that a process of the fleet reads, with what it means; the reference page is made from it.
 *
 * A variable that is not here cannot be read. Those with a `…_FILE` twin hold secrets: the twin names a file that holds
 * the value instead.
 */
export const VARIABLES = {
  PROCESS: 'Name of the workload, for example `eos-orders`. Needed.',
  NODE_NAME:
    'Name of the Kubernetes node. Needed by the node agent, which does all for this node only.',
  BOX: 'Name of the box that the process stands on. Needed.',
  VERSION: 'Release of the fleet, shown in /readyz, metrics and heartbeats. `0.0.0` unless given.',
  RUNTIME:
    '`local` (default): a child of the local runtime, which ends when its standard input closes. `cluster`: a pod; only a signal ends it.',
  EGRESS_ADDRESS:
    'Address that the venue sees, which is also the key of the request budget. Needed by what calls the venue.',
  BIND_ADDRESS:
    'Address that venue sockets bind; the local runtime only. In a pod the box maps the source.',
  EGRESS_FILE:
    'File that the node agent of the box writes: the verified address, with an expiry. A process that has one takes nothing without it.',
  MYSQL_URL: '`mysql://user:password@host:3306/kraite`. Needed, or its file.',
  MYSQL_URL_FILE: 'File that holds KRAITE_MYSQL_URL.',
  REDIS_URL: '`redis://:password@host:6379/0`. Needed, or its file.',
  REDIS_URL_FILE: 'File that holds KRAITE_REDIS_URL.',
  MODE: '`simulated` (default), `testnet` or `live`.',
  VENUE_REST_URL:
    'Base URL of the venue. Needed when simulated; else the documented host unless given.',
  VENUE_PUBLIC_STREAM_URL: 'The same for the public stream.',
  VENUE_MARKET_STREAM_URL: 'The same for the mark-price stream.',
  VENUE_PRIVATE_STREAM_URL: 'The same for the user-data stream.',
  INDICATORS_URL:
    'Base URL of the indicator provider. Needed when simulated; else the provider’s own unless given.',
  INDICATORS_SECRET: 'Secret of the indicator provider.',
  INDICATORS_SECRET_FILE: 'File that holds KRAITE_INDICATORS_SECRET.',
  WORKLOAD_FILE:
    'File with slots, pause and drain, watched while the worker runs. Needed by workers.',
  HEALTH_HOST:
    'Where /livez, /readyz, /metrics and /drain listen: `127.0.0.1` locally, `0.0.0.0` in a cluster.',
  HEALTH_PORT: 'Port of the same: a free one locally (0), 9464 in a cluster.',
  FLEET_FILE: 'File with the KraiteFleet that was applied last. Needed by web.',
  SCRATCH_FOLDER:
    'Folder for what a process keeps beside the database. The working folder unless given.',
  WEB_HOST: 'Where the sites listen: `127.0.0.1` locally, `0.0.0.0` in a cluster.',
  WEB_PORT: 'Port of the sites over HTTP: a free one locally (0), 8080 in a cluster.',
  WEB_HTTPS_PORT: 'Port of the sites over TLS: none locally unless given, 8443 in a cluster.',
  TLS_FOLDER:
    'Folder with `tls.crt` and `tls.key`, a mounted Secret; read again when it changes. Without it, ACME where the object names an e-mail.',
  ACME_DIRECTORY_URL:
    'Directory of the certificate authority. Let’s Encrypt’s unless given; its staging directory is for tries.',
  ADMIN_PASSWORD_FILE: 'File with the first password of the admin site, used while nobody exists.',
  SECRET_KEY_FILE:
    'File with the 32-byte key (64 hex digits) that seals account secrets. Needed by what signs requests.',
  FLEET_UID: 'Identity of the fleet; `migrate` binds the database to it.',
  STOP_GRACE_MS:
    'How long a process that was asked to end lets what runs end by itself: 0 locally, 20000 in a cluster.',
  LOG_LEVEL: '`info` unless given.',
} as const satisfies Readonly<Record<string, string>>;

export type VariableName = keyof typeof VARIABLES;

/** Returns the whole name of a variable. */
export function variableName(name: VariableName): string {
  return `KRAITE_${name}`;
}
