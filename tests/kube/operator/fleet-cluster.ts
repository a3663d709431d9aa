import { createSystemClock, createSystemRandom } from '#pkg/base';
import {
  createControllerMetrics,
  createLogger,
  createMetrics,
  createSilentLogger,
} from '#pkg/observability';
import { composeOperator } from '#operator/compose';
import type { AskProcess } from '#operator/reconcilers';
import {
  connectToCluster,
  createRestClient,
  loadKubeAccess,
  makeIdentity,
  refOf,
  type KubeObject,
  type LeaseDurations,
  type ResourceKind,
  type WatchingKubeClient,
} from '#operator/runtime';
import { KRAITE_NODE_EGRESS, type NodeEgressObject } from '#operator/api';
import { ACCESS_ROLES } from '#operator/charts';
import { agentStatus } from '../../harness/agent-status.ts';
import { SAMPLE } from '../../harness/sample-fleet.ts';
import {
  openCluster,
  startControlPlane,
  type Cluster,
  type ControlPlane,
} from '../harness/index.ts';
import { installCrds } from '../harness/install-crds.ts';
import { recordAccess } from './record-access.ts';

export const SYSTEM_NAMESPACE = 'kraite-system';
export const FLEET_NAMESPACE = 'kraite';
export const BOXES = ['hyperion', 'athena', 'eos', 'iris', 'nyx', 'hemera', 'tyche'] as const;

/** A real API server with real controllers and seven nodes that kwok plays, with our kinds and no operator yet. */
export interface FleetCluster extends AsyncDisposable {
  readonly plane: ControlPlane;
  readonly cluster: Cluster;
  /** The API as the admin sees it. */
  readonly client: WatchingKubeClient;
  /** Of the operator's own account, with the rights that its chart gives. */
  readonly operatorKubeconfig: string;
  /** An object of the fleet's namespace, or of the cluster. */
  get(kind: ResourceKind, name: string): Promise<KubeObject | undefined>;
  list(kind: ResourceKind): Promise<readonly KubeObject[]>;
  /** Says of every box what its node agent would say: that it proved the address, or took its rules off. */
  playAgents(): Promise<void>;
}

export async function startFleetCluster(): Promise<FleetCluster> {
  const plane = await startControlPlane();
  await installCrds(plane.kubeconfig);
  const cluster = await openCluster(plane.kubeconfig);
  await Promise.all([plane.startControllerManager(), plane.startScheduler(), plane.startKwok()]);
  await must(cluster, ['create', 'namespace', SYSTEM_NAMESPACE]);
  await must(cluster, ['create', 'namespace', FLEET_NAMESPACE]);
  await cluster.apply(BOXES.map(nodeOf));
  const clock = createSystemClock();
  const client = createRestClient({
    transport: connectToCluster(await loadKubeAccess({ kubeconfig: plane.kubeconfig }), clock),
    clock,
    random: createSystemRandom(),
  });
  const list = (kind: ResourceKind): Promise<readonly KubeObject[]> =>
    client.list(kind, kind.isNamespaced ? { namespace: FLEET_NAMESPACE } : {});
  return {
    plane,
    cluster,
    client,
    operatorKubeconfig: await giveRights(cluster),
    get: (kind, name) =>
      client.find(kind, { name, ...(kind.isNamespaced ? { namespace: FLEET_NAMESPACE } : {}) }),
    list,
    playAgents: async () => {
      for (const egress of (await list(KRAITE_NODE_EGRESS)) as readonly NodeEgressObject[]) {
        const status = agentStatus(egress, { isProved: true, nowMs: clock.nowMs() });
        await client.mergePatch(refOf(egress), { status }, { subresource: 'status' });
      }
    },
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      await cluster[Symbol.asyncDispose]();
      await plane[Symbol.asyncDispose]();
    },
  };
}

/** Makes the operator's account and gives it what the chart gives it. Returns its kubeconfig. */
async function giveRights(cluster: Cluster): Promise<string> {
  const account = { namespace: SYSTEM_NAMESPACE, name: 'kraite-operator' };
  const token = await cluster.makeToken(account);
  const roles = ACCESS_ROLES.filter(({ name }) => name.startsWith('kraite-operator'));
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  await cluster.apply(
    roles.flatMap(({ name, scope, rules }) => {
      const prefix = scope === 'system' ? '' : 'Cluster';
      const metadata = { name, ...(scope === 'system' ? { namespace: SYSTEM_NAMESPACE } : {}) };
      return [
        { apiVersion, kind: `${prefix}Role`, metadata, rules },
        {
          apiVersion,
          kind: `${prefix}RoleBinding`,
          metadata,
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: `${prefix}Role`, name },
          subjects: [{ kind: 'ServiceAccount', ...account }],
        },
      ];
    }),
  );
  return cluster.writeKubeconfig(token);
}

export async function must(
  cluster: Cluster,
  args: readonly string[],
  input?: string,
): Promise<string> {
  const result = await cluster.kubectl(args, input === undefined ? {} : { input });
  if (result.status !== 0) throw new Error(`kubectl ${args.join(' ')}:\n${result.stderr}`);
  return result.stdout.trim();
}

function nodeOf(name: string, index: number) {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: { 'fleet.kraite.io/box': name, 'kubernetes.io/hostname': name },
      annotations: { 'kwok.x-k8s.io/node': 'fake' },
    },
    spec: { podCIDR: `10.42.${index}.0/24`, podCIDRs: [`10.42.${index}.0/24`] },
  };
}

/** The sample fleet, with the venue's addresses written as a cluster needs them. */
export function sampleFleet(change: (text: string) => string = (text) => text): string {
  const venue = 'http://venue.example:8080';
  return change(
    SAMPLE.replace("rest: ''", `rest: ${venue}/fapi`)
      .replace("publicStream: ''", 'publicStream: ws://venue.example:8080/public')
      .replace("marketStream: ''", 'marketStream: ws://venue.example:8080/market')
      .replace("privateStream: ''", 'privateStream: ws://venue.example:8080/private')
      .replace("endpoint: ''", `endpoint: ${venue}/taapi`),
  );
}

export interface RunningOperator extends AsyncDisposable {
  /** Requests to the API server that write, so far. */
  writes(): Promise<number>;
  metrics(): Promise<string>;
  /** Verbs and resources that it has asked for so far. */
  readonly used: ReadonlySet<string>;
}

/** Starts the operator in this process, with the same parts as `cmd/operator`. */
export async function startOperator(
  kubeconfig: string,
  options: {
    readonly name?: string;
    readonly ask?: AskProcess;
    readonly leaseDurations?: LeaseDurations;
    readonly logLevel?: 'debug' | 'info';
  } = {},
): Promise<RunningOperator> {
  const clock = createSystemClock();
  const random = createSystemRandom();
  const name = options.name ?? 'operator';
  const controllerMetrics = createControllerMetrics();
  const metrics = createMetrics({ box: '', process: name, version: '0', isNodeIncluded: false });
  const { transport, used } = recordAccess(
    connectToCluster(await loadKubeAccess({ kubeconfig }), clock),
  );
  const client = createRestClient({
    transport,
    clock,
    random,
    metrics: controllerMetrics,
  });
  const abort = new AbortController();
  const manager = composeOperator({
    config: {
      podName: name,
      systemNamespace: SYSTEM_NAMESPACE,
      watchNamespaces: undefined,
      monitoringNamespace: 'monitoring',
      nodeAgentImage: 'kraite.example/kraite:0',
      logLevel: 'info',
      health: { host: '127.0.0.1', port: 0 },
      version: '0',
      clusterCIDR: '10.42.0.0/16',
      echoEndpoints: ['http://198.51.100.7/'],
      serviceAccountFolder: undefined,
    },
    client,
    clock,
    random,
    logger:
      options.logLevel === undefined
        ? createSilentLogger()
        : createLogger(name, { level: options.logLevel }),
    metrics,
    controllerMetrics,
    identity: makeIdentity(name),
    onLeaseLost: () => abort.abort(),
    ...(options.leaseDurations === undefined ? {} : { leaseDurations: options.leaseDurations }),
    ...(options.ask === undefined ? {} : { ask: options.ask }),
  });
  const running = manager.run(abort.signal);
  const text = async () =>
    `${(await metrics.render()).text}\n${(await controllerMetrics.render()).text}`;
  return {
    used,
    metrics: text,
    writes: async () => countWrites(await text()),
    [Symbol.asyncDispose]: async () => {
      abort.abort();
      await running;
      await client[Symbol.asyncDispose]();
    },
  };
}

/** Requests that write, but not the renewals of the lease (PUT). */
export function countWrites(metrics: string): number {
  let count = 0;
  for (const line of metrics.split('\n')) {
    const match = /^rest_client_requests_total\{.*method="(PATCH|POST|DELETE)".*\} (\d+)$/.exec(
      line,
    );
    if (match !== null) count += Number(match[2]);
  }
  return count;
}
