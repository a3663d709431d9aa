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
  type KubeObject,
  type LeaseDurations,
} from '#operator/runtime';
import { SAMPLE } from '../../harness/sample-fleet.ts';
import {
  openCluster,
  startControlPlane,
  type Cluster,
  type ControlPlane,
} from '../harness/index.ts';
import { installCrds } from '../harness/install-crds.ts';

export const SYSTEM_NAMESPACE = 'kraite-system';
export const BOXES = ['hyperion', 'athena', 'eos', 'iris', 'nyx', 'hemera', 'tyche'] as const;

/** A real API server with real controllers and seven nodes that kwok plays, with our kinds and no operator yet. */
export interface FleetCluster extends AsyncDisposable {
  readonly plane: ControlPlane;
  readonly cluster: Cluster;
  /** Returns an object, or undefined. */
  get(kind: string, name: string, namespace?: string): Promise<KubeObject | undefined>;
  list(kind: string, args?: readonly string[]): Promise<readonly KubeObject[]>;
  /** Says of every box what its node agent would say after it proved the address. */
  proveEgress(): Promise<void>;
}

export async function startFleetCluster(): Promise<FleetCluster> {
  const plane = await startControlPlane();
  await installCrds(plane.kubeconfig);
  const cluster = await openCluster(plane.kubeconfig);
  await Promise.all([plane.startControllerManager(), plane.startScheduler(), plane.startKwok()]);
  await must(cluster, ['create', 'namespace', SYSTEM_NAMESPACE]);
  await must(cluster, ['create', 'namespace', 'kraite']);
  await cluster.apply(BOXES.map(nodeOf));
  const get = async (
    kind: string,
    name: string,
    namespace = 'kraite',
  ): Promise<KubeObject | undefined> => {
    const { stdout } = await cluster.kubectl([
      'get',
      kind,
      name,
      `--namespace=${namespace}`,
      '--ignore-not-found',
      '-o=json',
    ]);
    return stdout.trim() === '' ? undefined : (JSON.parse(stdout) as KubeObject);
  };
  const list = async (
    kind: string,
    args: readonly string[] = ['--namespace=kraite'],
  ): Promise<readonly KubeObject[]> => {
    const text = await must(cluster, ['get', kind, ...args, '-o=json']);
    return (JSON.parse(text) as { readonly items: readonly KubeObject[] }).items;
  };
  return {
    plane,
    cluster,
    get,
    list,
    proveEgress: async () => {
      for (const egress of await list('kne', [])) {
        const { egressIP } = egress['spec'] as { readonly egressIP?: string };
        const now = new Date().toISOString();
        const status = {
          observedGeneration: egress.metadata.generation,
          ...(egressIP === undefined ? {} : { observedIP: egressIP }),
          verifiedAt: now,
          conditions: ['RulesApplied', 'GuardActive', 'Verified'].map((type) => ({
            type,
            status: 'True',
            reason: type,
            message: 'as the test says',
            lastTransitionTime: now,
          })),
        };
        await must(cluster, [
          'patch',
          'kne',
          egress.metadata.name,
          '--subresource=status',
          '--type=merge',
          `--patch=${JSON.stringify({ status })}`,
        ]);
      }
    },
    [Symbol.asyncDispose]: async () => {
      await cluster[Symbol.asyncDispose]();
      await plane[Symbol.asyncDispose]();
    },
  };
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
}

/** Starts the operator in this process, with the same parts as `cmd/operator`. */
export function startOperator(
  { kubeconfig }: { readonly kubeconfig: string },
  options: {
    readonly name?: string;
    readonly ask?: AskProcess;
    readonly leaseDurations?: LeaseDurations;
    readonly logLevel?: 'debug' | 'info';
  } = {},
): RunningOperator {
  const clock = createSystemClock();
  const random = createSystemRandom();
  const name = options.name ?? 'operator';
  const controllerMetrics = createControllerMetrics();
  const metrics = createMetrics({ box: '', process: name, version: '0', isNodeIncluded: false });
  const client = createRestClient({
    transport: connectToCluster(loadKubeAccess({ kubeconfig }), clock),
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
      nodeAgentImage: undefined,
      logLevel: 'info',
      health: { host: '127.0.0.1', port: 0 },
      version: '0',
      clusterCIDR: '10.42.0.0/16',
      echoEndpoints: ['http://198.51.100.7/'],
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
