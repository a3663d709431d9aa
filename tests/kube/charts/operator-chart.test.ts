import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { KRAITE_FLEET, KRAITE_NODE_EGRESS, KRAITE_WORKER_POOL, GROUP } from '#operator/api';
import { eventually } from '../../harness/eventually.ts';
import { ROOT } from '../../charts/helm.ts';
import { copyAsVersion } from '../../charts/other-version.ts';
import { must, useChartCluster } from './cluster.ts';
import { runTestPod } from './run-test-pod.ts';

const CHART = join(ROOT, 'charts/kraite-operator');
const NAMESPACE = 'kraite-system';
const CRDS = [KRAITE_FLEET, KRAITE_WORKER_POOL, KRAITE_NODE_EGRESS].map(
  ({ plural }) => `${plural}.${GROUP}`,
);

const cluster = useChartCluster();

afterEach(async () => {
  await cluster.helm('uninstall', 'kraite-operator', '--namespace', NAMESPACE, '--wait');
});

async function install(chart: string): Promise<string> {
  return must(
    cluster.helm(
      ...['upgrade', '--install', 'kraite-operator', chart, '--namespace', NAMESPACE],
      ...['--create-namespace', '--wait', '--timeout', '60s'],
    ),
  );
}

/** Identities of the operator's pods: others when they were replaced. */
async function podsOf(): Promise<readonly string[]> {
  const uids = await must(
    cluster.kubectl(
      ...['get', 'pods', '--namespace', NAMESPACE],
      ...['--selector', 'app.kubernetes.io/name=kraite-operator'],
      ...['--output', 'jsonpath={.items[*].metadata.uid}'],
    ),
  );
  return uids
    .split(' ')
    .filter((uid) => uid !== '')
    .toSorted();
}

async function kindsOf(): Promise<readonly string[]> {
  const names = await must(cluster.kubectl('get', 'crds', '--output', 'name'));
  return CRDS.filter((name) => names.includes(name));
}

test('an installation waits for two ready replicas and brings the kinds', async () => {
  expect(await install(CHART)).toContain('STATUS: deployed');
  expect(await podsOf()).toHaveLength(2);
  expect(await kindsOf()).toEqual(CRDS);
  const budget = await must(
    cluster.kubectl(
      ...['get', 'pdb', 'kraite-operator', '--namespace', NAMESPACE],
      ...['--output', 'jsonpath={.status.disruptionsAllowed}'],
    ),
  );
  expect(budget).toBe('1');
});

test('an upgrade from the chart before, and the way back, replace no pod', async () => {
  await using before = await copyAsVersion('charts/kraite-operator', '0.0.9');
  await install(before.folder);
  const pods = await podsOf();
  await install(CHART);
  expect(await podsOf()).toEqual(pods);
  const history = await must(cluster.helm('history', 'kraite-operator', '--namespace', NAMESPACE));
  expect(history).toContain('kraite-operator-0.0.9');
  await must(cluster.helm('rollback', 'kraite-operator', '1', '--namespace', NAMESPACE, '--wait'));
  expect(await podsOf()).toEqual(pods);
});

test('a removal keeps the kinds, and the next installation takes them over', async () => {
  await install(CHART);
  await must(cluster.helm('uninstall', 'kraite-operator', '--namespace', NAMESPACE, '--wait'));
  expect(await kindsOf()).toEqual(CRDS);
  expect(await podsOf()).toEqual([]);
  expect(await install(CHART)).toContain('STATUS: deployed');
});

const GRANTS = [
  { role: 'view', verb: 'list', resource: 'kraitefleets', may: 'yes' },
  { role: 'view', verb: 'patch', resource: 'kraitefleets', may: 'no' },
  { role: 'edit', verb: 'patch', resource: 'kraitefleets', may: 'yes' },
  { role: 'edit', verb: 'patch', resource: 'kraiteworkerpools/scale', may: 'yes' },
  { role: 'edit', verb: 'patch', resource: 'kraitefleets/status', may: 'no' },
];

test('people who may view or edit a namespace may do so with its fleets', async () => {
  await install(CHART);
  const where = ['--namespace', NAMESPACE];
  for (const role of ['view', 'edit']) {
    const bind = ['--clusterrole', role, '--user', role, ...where];
    await must(cluster.kubectl('create', 'rolebinding', `tried-${role}`, ...bind));
  }
  for (const { role, verb, resource, may } of GRANTS) {
    const [plural, subresource] = resource.split('/');
    const below = subresource === undefined ? [] : ['--subresource', subresource];
    const question = [verb, `${plural}.${GROUP}`, ...below, '--as', role, ...where];
    // Roles are aggregated a moment after they were made.
    await eventually(
      async () => {
        const asked = await cluster.kubectl('auth', 'can-i', ...question);
        expect(asked.stdout.trim(), `${role}: ${verb} ${resource}`).toBe(may);
      },
      { limitMs: 10_000, everyMs: 100 },
    );
  }
});

test.each([
  { status: 200, phase: 'Succeeded' },
  { status: 503, phase: 'Failed' },
])('helm test of an operator that answers $status: $phase', async ({ status, phase }) => {
  await install(CHART);
  const server = createServer((_, response) => response.writeHead(status).end('{}'));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  try {
    const { port } = server.address() as AddressInfo;
    const [tested] = await Promise.all([
      cluster.helm('test', 'kraite-operator', '--namespace', NAMESPACE, '--timeout', '30s'),
      runTestPod(
        cluster,
        { namespace: NAMESPACE, name: 'kraite-operator-test' },
        { READY_URL: `http://127.0.0.1:${port}/readyz` },
      ),
    ]);
    expect(tested.status === 0).toBe(phase === 'Succeeded');
    expect(tested.stdout).toContain(phase);
  } finally {
    server.close();
  }
});
