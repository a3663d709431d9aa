import type { Workload } from '#pkg/fleet-spec';
import { LABELS, PORTS, SECRET_KEYS, type FleetObject } from '#operator/api';
import type { KubeObject } from '#operator/runtime';
import { CORE_SIZES, DATA_FOLDERS, MYSQL_SETTINGS, REDIS_SETTINGS } from './core-settings.ts';
import { boxOf, type FleetContext } from './fleet-context.ts';
import { KINDS } from './kinds.ts';
import { fleetNames, namespacedHead } from './naming.ts';
import {
  CONTAINER_SECURITY,
  emptyFolder,
  execProbe,
  fromSecret,
  nodeSelector,
  TOLERATES_UNVERIFIED,
  tolerations,
  type Fields,
} from './pod-parts.ts';
import { priorityClassOf } from './priority-classes.ts';
import {
  buildTemplate,
  podBasics,
  workloadLabels,
  workloadObjectName,
  workloadSelector,
} from './process-pod.ts';

export type ServerKind = 'mysql' | 'redis';

/** User and group of the official images (both `mysql` and `redis` make 999). */
const SERVER_USER = 999;
/** MySQL writes its dirty pages out before it ends. */
const STOP_SECONDS: Readonly<Record<ServerKind, number>> = { mysql: 300, redis: 60 };

/** Returns the StatefulSet of the database or of Redis: one pod, on the core box, on data that outlives it. */
export function buildServer(context: FleetContext, workload: Workload): KubeObject {
  const { fleet } = context;
  const server = serverOf(workload);
  return {
    ...namespacedHead(fleet, KINDS.StatefulSet, {
      name: workloadObjectName(context, workload),
      component: server,
      labels: workloadLabels(context, workload),
    }),
    spec: {
      replicas: 1,
      revisionHistoryLimit: 3,
      serviceName: fleetNames(fleet)[server],
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate' },
      selector: { matchLabels: workloadSelector(context, workload) },
      template: buildTemplate(
        workloadLabels(context, workload),
        serverPodSpec(context, workload, server),
      ),
    },
  };
}

/** Returns the ConfigMap with the settings of `server`. It acts at the next start, so no upgrade restarts a server. */
export function buildServerSettings({ fleet }: FleetContext, server: ServerKind): KubeObject {
  const [file, text] =
    server === 'mysql' ? ['kraite.cnf', MYSQL_SETTINGS] : ['redis.conf', REDIS_SETTINGS];
  return {
    ...namespacedHead(fleet, KINDS.ConfigMap, {
      name: fleetNames(fleet)[server],
      component: server,
    }),
    data: { [file]: text },
  };
}

/** Returns the address inside the cluster of the database or of Redis. */
export function buildServerService({ fleet }: FleetContext, server: ServerKind): KubeObject {
  return {
    ...namespacedHead(fleet, KINDS.Service, { name: fleetNames(fleet)[server], component: server }),
    spec: {
      type: 'ClusterIP',
      selector: { [LABELS.fleet]: fleet.metadata.name, [LABELS.workload]: server },
      ports: [{ name: server, port: PORTS[server], targetPort: server, protocol: 'TCP' }],
    },
  };
}

function serverOf({ kind, name }: Workload): ServerKind {
  if (kind === 'mysql' || kind === 'redis') return kind;
  throw new Error(`${name} is a process of ours`);
}

function serverPodSpec(context: FleetContext, workload: Workload, server: ServerKind): Fields {
  const { fleet } = context;
  const box = boxOf(context, workload);
  const { cpu, memory, memoryMax } = CORE_SIZES[server];
  const { container, volumes } = server === 'mysql' ? mysqlContainer(fleet) : redisContainer(fleet);
  const basics = podBasics(fleet, SERVER_USER);
  return {
    ...basics,
    securityContext: {
      ...(basics['securityContext'] as Fields),
      // Gives the server the folder that root made on the box; not again when it is right already.
      fsGroup: SERVER_USER,
      fsGroupChangePolicy: 'OnRootMismatch',
    },
    nodeSelector: nodeSelector(box),
    tolerations: [...tolerations(box.role), TOLERATES_UNVERIFIED],
    priorityClassName: priorityClassOf(server),
    terminationGracePeriodSeconds: STOP_SECONDS[server],
    containers: [
      {
        name: server,
        image: fleet.spec.core[server].image,
        imagePullPolicy: 'IfNotPresent',
        ...container,
        resources: { requests: { cpu, memory }, limits: { memory: memoryMax } },
        securityContext: CONTAINER_SECURITY,
      },
    ],
    volumes: [
      { name: 'data', persistentVolumeClaim: { claimName: fleetNames(fleet)[server] } },
      { name: 'settings', configMap: { name: fleetNames(fleet)[server] } },
      ...volumes,
    ],
  };
}

interface ServerContainer {
  readonly container: Fields;
  readonly volumes: readonly Fields[];
}

/** The image makes database, user and password when its folder is empty; the statements of the schema are migrate's. */
function mysqlContainer(fleet: FleetObject): ServerContainer {
  const { coreSecret } = fleetNames(fleet);
  // Over TCP on purpose: while the image fills an empty folder the server listens on its socket only. A refused
  // password is an answer too, so no probe needs one.
  const ping = ['mysqladmin', 'ping', '--host=127.0.0.1', '--connect-timeout=3'];
  return {
    container: {
      args: ['mysqld'],
      env: [
        { name: 'MYSQL_DATABASE', value: 'kraite' },
        { name: 'MYSQL_USER', value: 'kraite' },
        { name: 'MYSQL_ROOT_HOST', value: 'localhost' },
        fromSecret('MYSQL_PASSWORD', coreSecret, SECRET_KEYS.mysqlPassword),
        fromSecret('MYSQL_ROOT_PASSWORD', coreSecret, SECRET_KEYS.mysqlRootPassword),
      ],
      ports: [{ name: 'mysql', containerPort: PORTS.mysql, protocol: 'TCP' }],
      // Recovery after a crash may read the whole redo log first.
      startupProbe: execProbe(ping, { periodSeconds: 2, failureThreshold: 900 }),
      livenessProbe: execProbe(ping, { periodSeconds: 10, failureThreshold: 12 }),
      readinessProbe: execProbe(ping, { periodSeconds: 2, failureThreshold: 3 }),
      volumeMounts: [
        { name: 'data', mountPath: DATA_FOLDERS.mysql },
        { name: 'settings', mountPath: '/etc/mysql/conf.d', readOnly: true },
        { name: 'run', mountPath: '/var/run/mysqld' },
        { name: 'tmp', mountPath: '/tmp' },
      ],
    },
    volumes: [emptyFolder('run', '16Mi'), emptyFolder('tmp', '4Gi')],
  };
}

const REDIS_SETTINGS_FOLDER = '/etc/kraite/redis';

function redisContainer(fleet: FleetObject): ServerContainer {
  const { coreSecret } = fleetNames(fleet);
  // redis-cli ends with 0 whatever it is told, so the answer itself is asked for.
  const ping = ['sh', '-c', 'test "$(redis-cli -h 127.0.0.1 ping)" = PONG'];
  const start = [
    `exec redis-server ${REDIS_SETTINGS_FOLDER}/redis.conf - <<END`,
    'requirepass $REDISCLI_AUTH',
    'END',
  ];
  return {
    container: {
      command: ['sh', '-c', start.join('\n')],
      // The name under which redis-cli looks for it.
      env: [fromSecret('REDISCLI_AUTH', coreSecret, SECRET_KEYS.redisPassword)],
      ports: [{ name: 'redis', containerPort: PORTS.redis, protocol: 'TCP' }],
      startupProbe: execProbe(ping, { periodSeconds: 1, failureThreshold: 600 }),
      livenessProbe: execProbe(ping, { periodSeconds: 10, failureThreshold: 6 }),
      readinessProbe: execProbe(ping, { periodSeconds: 2, failureThreshold: 3 }),
      volumeMounts: [
        { name: 'data', mountPath: DATA_FOLDERS.redis },
        { name: 'settings', mountPath: REDIS_SETTINGS_FOLDER, readOnly: true },
        { name: 'tmp', mountPath: '/tmp' },
      ],
    },
    volumes: [emptyFolder('tmp', '64Mi')],
  };
}
