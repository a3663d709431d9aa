import type { Workload, WorkloadKind } from '#pkg/fleet-spec';
import {
  ANNOTATIONS,
  HEALTH_PATHS,
  LABELS,
  PATHS,
  PORTS,
  PRE_STOP_HEADER,
  PRE_STOP_TIMEOUT_PARAMETER,
  READINESS_GATES,
  SECRET_KEYS,
  type FleetObject,
} from '#operator/api';
import { dirname } from 'node:path';
import { boxOf, imageOf, type FleetContext } from './fleet-context.ts';
import { fleetLabels, fleetNames, labelValue, objectName, type Labels } from './naming.ts';
import {
  CONTAINER_SECURITY,
  emptyFolder,
  fromSecret,
  HEALTH_PORT,
  healthProbes,
  nodeSelector,
  podSecurity,
  templateHash,
  tolerations,
  type Fields,
} from './pod-parts.ts';
import { priorityClassOf } from './priority-classes.ts';
import { egressClaimName } from './storage.ts';

type ProcessKind = Exclude<WorkloadKind, 'mysql' | 'redis'>;

/** Workers and streams, the kinds that the plan gives an egress address; of these only streams of prices sign nothing. */
const SIGNS: readonly WorkloadKind[] = ['worker', 'user-stream'];
const WAITS_FOR_PROVIDER = ['indicators', 'cronjobs', 'own'];

/**
 * Longest that a pod may drain once it is told to end.
 *
 * Not `update.drainTimeout`: that may change while the fleet runs, and a number in the template would replace every pod.
 * The operator drains a box within that time-out before it ends a pod, so this bounds only what others end: `kubectl
 * delete`, an eviction. A drained process ends at once, whatever stands here.
 */
const DRAIN_SECONDS: Readonly<Record<ProcessKind, number>> = {
  worker: 1_200,
  dispatcher: 30,
  scheduler: 30,
  'market-stream': 15,
  'user-stream': 30,
  web: 15,
};
/** After the drain: what CLUSTER_DEFAULTS.stopGraceMs gives, the ten seconds of closing, and some to spare. */
const STOP_SECONDS = 40;

interface Size {
  readonly cpu: string;
  readonly memory: string;
  readonly memoryMax: string;
}

/** No limit of CPU: a throttled order worker misses its window, and every box is one fleet's alone. */
const SIZES: Readonly<Record<ProcessKind, Size>> = {
  worker: { cpu: '100m', memory: '160Mi', memoryMax: '512Mi' },
  dispatcher: { cpu: '200m', memory: '160Mi', memoryMax: '512Mi' },
  scheduler: { cpu: '20m', memory: '128Mi', memoryMax: '384Mi' },
  'market-stream': { cpu: '100m', memory: '128Mi', memoryMax: '384Mi' },
  'user-stream': { cpu: '50m', memory: '128Mi', memoryMax: '384Mi' },
  web: { cpu: '50m', memory: '160Mi', memoryMax: '512Mi' },
};

/** Labels that select the pods of one workload; a version is not among them, for selectors never change. */
export function workloadSelector({ fleet }: FleetContext, workload: Workload): Labels {
  return {
    [LABELS.fleet]: fleet.metadata.name,
    [LABELS.workload]: workload.kind,
    [LABELS.box]: workload.box,
    ...(workload.lane === undefined ? {} : { [LABELS.lane]: workload.lane }),
  };
}

/** Labels of a workload and its pods beside those of the fleet. */
export function workloadLabels(context: FleetContext, workload: Workload): Labels {
  const { fleet } = context;
  const { kind } = workload;
  const version = { 'app.kubernetes.io/version': labelValue(fleet.spec.version) };
  return {
    ...fleetLabels(fleet, kind),
    // The servers have versions of their own: a new one of the fleet restarts no database.
    ...(kind === 'mysql' || kind === 'redis' ? {} : version),
    ...workloadSelector(context, workload),
    [LABELS.role]: boxOf(context, workload).role,
  };
}

/** Name of the Deployment, ConfigMap and budget of a workload: `<fleet>-<workload>`, cut where it is too long. */
export function workloadObjectName({ fleet }: FleetContext, workload: Workload): string {
  return objectName(fleet.metadata.name, workload.name);
}

/** Returns the pod template of a process of ours, with its hash. */
export function buildProcessTemplate(context: FleetContext, workload: Workload): Fields {
  return buildTemplate(workloadLabels(context, workload), processPodSpec(context, workload));
}

/** Returns a pod template whose annotation tells its pods from those of another; Kubernetes replaces them for a label too. */
export function buildTemplate(labels: Labels, spec: Fields): Fields {
  const annotations = { [ANNOTATIONS.templateHash]: templateHash({ labels, spec }) };
  return { metadata: { labels, annotations }, spec };
}

function processPodSpec(context: FleetContext, workload: Workload): Fields {
  const { fleet } = context;
  const kind = processKindOf(workload);
  const box = boxOf(context, workload);
  const folders = foldersOf(context, workload);
  const drainSeconds = DRAIN_SECONDS[kind];
  const { cpu, memory, memoryMax } = SIZES[kind];
  return {
    ...podBasics(fleet),
    nodeSelector: nodeSelector(box),
    tolerations: tolerations(box.role),
    priorityClassName: priorityClassOf(workload.kind),
    terminationGracePeriodSeconds: drainSeconds + STOP_SECONDS,
    ...(workload.egressAddress === undefined
      ? {}
      : { readinessGates: [{ conditionType: READINESS_GATES.egressVerified }] }),
    containers: [
      {
        name: kind,
        image: imageOf(fleet),
        imagePullPolicy: 'IfNotPresent',
        command: ['node', `/app/cmd/${kind}/main.ts`],
        env: environmentOf(context, workload),
        ports: [HEALTH_PORT, ...(kind === 'web' ? WEB_PORTS : [])],
        ...healthProbes(),
        lifecycle: { preStop: preStop(drainSeconds) },
        resources: { requests: { cpu, memory }, limits: { memory: memoryMax } },
        securityContext: CONTAINER_SECURITY,
        volumeMounts: folders.map(({ mountPath, isReadOnly, name }) => ({
          name,
          mountPath,
          ...(isReadOnly ? { readOnly: true } : {}),
        })),
      },
    ],
    volumes: folders.map(({ volume }) => volume),
  };
}

/** Returns what all pods of a fleet share: no token, no variables of other Services, and the restricted level. */
export function podBasics(fleet: FleetObject, user?: number): Fields {
  return {
    serviceAccountName: fleetNames(fleet).process,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: podSecurity(user),
  };
}

function processKindOf({ kind, name }: Workload): ProcessKind {
  if (kind === 'mysql' || kind === 'redis') throw new Error(`${name} is no process of ours`);
  return kind;
}

const WEB_PORTS: readonly Fields[] = [
  { name: 'http', containerPort: PORTS.http, protocol: 'TCP' },
  { name: 'https', containerPort: PORTS.https, protocol: 'TCP' },
];

function preStop(seconds: number): Fields {
  const { name, value } = PRE_STOP_HEADER;
  return {
    httpGet: {
      path: `${HEALTH_PATHS.preStop}?${PRE_STOP_TIMEOUT_PARAMETER}=${seconds}`,
      port: 'health',
      httpHeaders: [{ name, value }],
    },
  };
}

function environmentOf(context: FleetContext, workload: Workload): readonly Fields[] {
  const { fleet } = context;
  const isWeb = workload.kind === 'web';
  const values: Readonly<Record<string, string | undefined>> = {
    ...workload.environment,
    KRAITE_RUNTIME: 'cluster',
    KRAITE_HEALTH_HOST: '0.0.0.0',
    KRAITE_HEALTH_PORT: String(PORTS.health),
    KRAITE_SCRATCH_FOLDER: PATHS.scratchFolder,
    KRAITE_EGRESS_FILE: workload.egressAddress === undefined ? undefined : PATHS.egressFile,
    KRAITE_WORKLOAD_FILE: workload.kind === 'worker' ? PATHS.workloadFile : undefined,
    KRAITE_SECRET_KEY_FILE: SIGNS.includes(workload.kind) ? PATHS.accountKeyFile : undefined,
    KRAITE_FLEET_FILE: isWeb ? PATHS.fleetFile : undefined,
    KRAITE_ADMIN_PASSWORD_FILE: isWeb ? PATHS.adminPasswordFile : undefined,
    KRAITE_WEB_PORT: isWeb ? String(PORTS.http) : undefined,
    KRAITE_WEB_HTTPS_PORT: isWeb ? String(PORTS.https) : undefined,
    KRAITE_TLS_FOLDER: isWeb && fleet.spec.web.tls.secret !== null ? PATHS.tlsFolder : undefined,
  };
  return [
    ...Object.entries(values).flatMap(([name, value]) =>
      value === undefined ? [] : [{ name, value }],
    ),
    ...coreEnvironment(fleet),
    ...(workload.kind === 'worker' && WAITS_FOR_PROVIDER.includes(workload.lane ?? '')
      ? [indicatorsSecret(fleet)]
      : []),
  ];
}

/** Returns the connection URLs by reference: of our own servers, or of those that the object names. */
export function coreEnvironment(
  fleet: FleetObject,
  servers: readonly ('mysql' | 'redis')[] = ['mysql', 'redis'],
): readonly Fields[] {
  const own = fleetNames(fleet).coreSecret;
  const names = {
    mysql: ['KRAITE_MYSQL_URL', SECRET_KEYS.mysqlUrl],
    redis: ['KRAITE_REDIS_URL', SECRET_KEYS.redisUrl],
  } as const;
  return servers.map((server) => {
    const [variable, key] = names[server];
    const { existing } = fleet.spec.core[server];
    return existing === null
      ? fromSecret(variable, own, key)
      : fromSecret(variable, existing.secret, EXISTING_URL_KEY);
  });
}

/** Key of a Secret that `core.mysql.existing` or `core.redis.existing` names. */
const EXISTING_URL_KEY = 'url';

function indicatorsSecret(fleet: FleetObject): Fields {
  const secretKeyRef = {
    name: fleetNames(fleet).indicatorsSecret,
    key: SECRET_KEYS.indicatorsSecret,
    // A simulated provider asks for none.
    optional: true,
  };
  return { name: 'KRAITE_INDICATORS_SECRET', valueFrom: { secretKeyRef } };
}

interface Folder {
  readonly name: string;
  readonly mountPath: string;
  readonly isReadOnly: boolean;
  readonly volume: Fields;
}

function foldersOf(context: FleetContext, workload: Workload): readonly Folder[] {
  const { fleet } = context;
  const names = fleetNames(fleet);
  const { secret: tlsSecret } = fleet.spec.web.tls;
  const isWeb = workload.kind === 'web';
  const mounted = (name: string, file: string, source: Fields): Folder => ({
    name,
    mountPath: dirname(file),
    isReadOnly: true,
    volume: { name, ...source },
  });
  const box = boxOf(context, workload);
  return [
    writable('scratch', PATHS.scratchFolder, '256Mi'),
    writable('tmp', '/tmp', '64Mi'),
    ...when(workload.kind === 'worker', () => {
      const name = workloadObjectName(context, workload);
      return mounted('workload', PATHS.workloadFile, { configMap: { name } });
    }),
    ...when(SIGNS.includes(workload.kind), () =>
      mounted('account-key', PATHS.accountKeyFile, {
        secret: { secretName: names.accountKeySecret },
      }),
    ),
    ...when(workload.egressAddress !== undefined, () =>
      mounted('egress', PATHS.egressFile, {
        persistentVolumeClaim: { claimName: egressClaimName(fleet, box), readOnly: true },
      }),
    ),
    ...when(isWeb, () => mounted('fleet', PATHS.fleetFile, { configMap: { name: names.object } })),
    ...when(isWeb, () =>
      mounted('admin', PATHS.adminPasswordFile, { secret: { secretName: names.adminSecret } }),
    ),
    ...when(isWeb && tlsSecret !== null, () =>
      mounted('tls', `${PATHS.tlsFolder}/tls.crt`, { secret: { secretName: tlsSecret } }),
    ),
  ];
}

function writable(name: string, mountPath: string, sizeLimit: string): Folder {
  return { name, mountPath, isReadOnly: false, volume: emptyFolder(name, sizeLimit) };
}

function when(isSo: boolean, build: () => Folder): readonly Folder[] {
  return isSo ? [build()] : [];
}
