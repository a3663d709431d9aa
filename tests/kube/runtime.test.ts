/** The runtime of the operator against a real API server: its transport, its cache, its lease and its example. */
import { afterAll, beforeAll, expect, test } from 'vitest';

import { createSystemClock, createSystemRandom } from '#pkg/base';
import { createControllerMetrics, createSilentLogger } from '#pkg/observability';
import {
  applyOwned,
  connectToCluster,
  createRestClient,
  isConflict,
  KubeApiError,
  loadKubeAccess,
  makeIdentity,
  type KubeObject,
  type ResourceKind,
  type WatchingKubeClient,
} from '#operator/runtime';
import { createTeamOperator } from '../../operator/runtime/example-controller.ts';
import { eventually } from '../harness/eventually.ts';
import {
  openCluster,
  openSharedCluster,
  startControlPlane,
  type Cluster,
} from './harness/index.ts';

const NAMESPACE: ResourceKind = kindOf('v1', 'Namespace', 'namespaces', false);
const CONFIG_MAP: ResourceKind = kindOf('v1', 'ConfigMap', 'configmaps');
const DEPLOYMENT: ResourceKind = kindOf('apps/v1', 'Deployment', 'deployments');
const POLICY: ResourceKind = kindOf('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies');
const EVENT: ResourceKind = kindOf('events.k8s.io/v1', 'Event', 'events');
const NOTHING = new AbortController().signal;
const clock = createSystemClock();
const random = createSystemRandom();

function kindOf(
  apiVersion: string,
  kind: string,
  plural: string,
  isNamespaced = true,
): ResourceKind {
  return { apiVersion, kind, plural, isNamespaced };
}

let cluster: Cluster;
let client: WatchingKubeClient;
beforeAll(async () => {
  cluster = await openSharedCluster();
  client = await connect(cluster.kubeconfig);
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

async function connect(kubeconfig: string): Promise<WatchingKubeClient> {
  const transport = connectToCluster(await loadKubeAccess({ kubeconfig }), clock);
  return createRestClient({ transport, clock, random });
}

/** Runs the example as one replica; `stop` waits for its end. */
async function startExample(kubeconfig: string, namespace: string) {
  const own = await connect(kubeconfig);
  const writes: string[] = [];
  const operator = createTeamOperator({
    client: own,
    namespace,
    identity: makeIdentity('example'),
    clock,
    random,
    logger: createSilentLogger(),
    metrics: createControllerMetrics(),
    onLeaseLost: () => writes.push('lost'),
  });
  const stop = new AbortController();
  const ran = operator.run(stop.signal);
  return {
    operator,
    stop: async (): Promise<void> => {
      stop.abort(new Error('the test ends'));
      await ran;
      await own[Symbol.asyncDispose]();
    },
  };
}

const readTeam = async (of: WatchingKubeClient, namespace: string): Promise<unknown> =>
  (await of.find(CONFIG_MAP, { namespace, name: 'team' }))?.['data'];

const label = (of: WatchingKubeClient, name: string, team: string | null): Promise<KubeObject> =>
  of.mergePatch(
    { apiVersion: 'v1', kind: 'Namespace', name },
    { metadata: { labels: { 'example.dev/team': team } } },
  );

test('the example applies, puts drift back within a second, hands over, and removes', async () => {
  await using namespace = await cluster.makeNamespace();
  const first = await startExample(cluster.kubeconfig, namespace.name);
  await label(client, namespace.name, 'blue');
  await eventually(
    async () => {
      expect(await readTeam(client, namespace.name)).toEqual({ team: 'blue' });
    },
    { limitMs: 20_000 },
  );
  const drift = { apiVersion: 'v1', kind: 'ConfigMap', namespace: namespace.name, name: 'team' };
  await client.mergePatch(drift, { data: { team: 'red' } });
  await eventually(async () => {
    expect(await readTeam(client, namespace.name)).toEqual({ team: 'blue' });
  });
  const second = await startExample(cluster.kubeconfig, namespace.name);
  await eventually(() => expect(second.operator.isReady()).toBe(true));
  expect([first.operator.epoch(), second.operator.epoch()]).toEqual([0, undefined]);
  await first.stop();
  await eventually(() => expect(second.operator.epoch()).toBe(1));
  await label(client, namespace.name, null);
  await eventually(async () => {
    expect(await readTeam(client, namespace.name)).toBeUndefined();
  });
  await eventually(async () => {
    const events = await client.list(EVENT);
    const ours = events.filter(
      ({ regarding }) => (regarding as { readonly name?: string }).name === namespace.name,
    );
    expect(ours.map(({ reason }) => reason)).toEqual(['TeamRemoved']);
  });
  await second.stop();
});

test('an API server that was killed and comes back is watched again, and nothing is missed', async () => {
  await using plane = await startControlPlane();
  await using own = await openCluster(plane.kubeconfig);
  await using admin = await connect(plane.kubeconfig);
  const example = await startExample(plane.kubeconfig, 'default');
  await own.kubectl(['create', 'namespace', 'shop']);
  await label(admin, 'shop', 'blue');
  await eventually(
    async () => {
      expect(await readTeam(admin, 'shop')).toEqual({ team: 'blue' });
    },
    { limitMs: 20_000 },
  );
  await plane.stopApiServer();
  await plane.startApiServer();
  await label(admin, 'shop', 'green');
  await eventually(
    async () => {
      expect(await readTeam(admin, 'shop')).toEqual({ team: 'green' });
    },
    { limitMs: 60_000 },
  );
  await example.stop();
});

test('T11: the server keeps what was written, and what it adds is no drift', async () => {
  await using namespace = await cluster.makeNamespace();
  const metadata = { namespace: namespace.name, name: 'one', labels: { app: 'one' } };
  const podSelector = { matchLabels: { app: 'one' } };
  const ingress = [{ from: [{ podSelector }], ports: [{ port: 80, protocol: 'TCP' }] }];
  const policy: KubeObject = {
    apiVersion: POLICY.apiVersion,
    kind: POLICY.kind,
    metadata,
    spec: { podSelector, policyTypes: ['Ingress'], ingress },
  };
  const container = {
    name: 'main',
    image: 'registry.example/one:1',
    resources: { requests: { cpu: '1000m', memory: '1024Mi' } },
    env: [{ name: 'A', value: '1000m' }],
    ports: [{ containerPort: 80 }],
    volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }],
  };
  const deployment: KubeObject = {
    apiVersion: DEPLOYMENT.apiVersion,
    kind: DEPLOYMENT.kind,
    metadata,
    spec: {
      selector: podSelector,
      template: {
        metadata: { labels: { app: 'one' } },
        spec: {
          containers: [container],
          tolerations: [{ key: 'box', operator: 'Exists' }],
          volumes: [{ name: 'scratch', emptyDir: { sizeLimit: '1024Ki' } }],
        },
      },
    },
  };
  const options = { client, fieldManager: 'test', hashAnnotation: 'test.example/hash' };
  for (const [kind, desired] of [
    [POLICY, policy],
    [DEPLOYMENT, deployment],
  ] as const) {
    expect(await applyOwned(desired, undefined, options)).toBe(true);
    const live = await client.find(kind, metadata);
    expect(live).toMatchObject(kind === POLICY ? { spec: { ingress } } : {});
    expect(await applyOwned(desired, live, options)).toBe(false);
  }
  const ref = { apiVersion: 'apps/v1', kind: 'Deployment', ...metadata };
  const drifted = await client.mergePatch(ref, { spec: { revisionHistoryLimit: 3 } });
  expect(await applyOwned(deployment, drifted, options)).toBe(false);
  const wrong = await client.mergePatch(ref, { metadata: { labels: { app: 'other' } } });
  expect(await applyOwned(deployment, wrong, options)).toBe(true);
});

test('lists of more than a page are whole, and a watch goes on from their version', async () => {
  await using namespace = await cluster.makeNamespace();
  const at = { namespace: namespace.name };
  const make = (name: string): Promise<KubeObject> =>
    client.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...at, name } });
  for (let index = 0; index < 7; index += 1) await make(`c-${index}`);
  const names: string[] = [];
  let continueToken: string | undefined;
  let resourceVersion: string;
  do {
    const page = await client.listPage(CONFIG_MAP, { ...at, limit: 3, continueToken });
    names.push(...page.items.map(({ metadata }) => metadata.name));
    ({ continueToken, resourceVersion } = page);
  } while (continueToken !== undefined);
  const ours = names.filter((name) => name.startsWith('c-'));
  expect(ours).toEqual(Array.from({ length: 7 }, (_, index) => `c-${index}`));
  await make('late');
  const stop = new AbortController();
  const watch = client.watch(CONFIG_MAP, {
    ...at,
    resourceVersion,
    timeoutSeconds: 60,
    signal: stop.signal,
  });
  for await (const event of watch) {
    if (event.type === 'BOOKMARK') continue;
    expect([event.type, event.object.metadata.name]).toEqual(['ADDED', 'late']);
    break;
  }
  stop.abort();
  expect((await client.list(NAMESPACE)).length).toBeGreaterThan(0);
});

test('refusals say what the server said', async () => {
  await using namespace = await cluster.makeNamespace();
  const at = { namespace: namespace.name, name: 'one' };
  const made = await client.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: at });
  await client.replace({ ...made, data: { a: '1' } }, { signal: NOTHING });
  await expect(client.replace({ ...made, data: { a: '2' } })).rejects.toSatisfy(isConflict);
  const bad = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...at, name: 'Not A Name' } };
  await expect(client.create(bad)).rejects.toSatisfy(
    (error) => error instanceof KubeApiError && error.status === 422 && error.reason === 'Invalid',
  );
  expect(await client.delete({ apiVersion: 'v1', kind: 'ConfigMap', ...at })).toBe(true);
  expect(await client.delete({ apiVersion: 'v1', kind: 'ConfigMap', ...at })).toBe(false);
  expect(await client.find(CONFIG_MAP, at)).toBeUndefined();
});
