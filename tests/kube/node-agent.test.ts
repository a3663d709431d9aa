import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSystemClock, createSystemRandom } from '#pkg/base';
import { createSilentLogger } from '#pkg/observability';
import { API_VERSION, KRAITE_NODE_EGRESS, type NodeEgressStatus } from '#operator/api';
import { runProbe, startEchoServer } from '#operator/egress-probe';
import { createNodeNetwork, runNodeAgent } from '#operator/node-agent';
import { connectToCluster, createRestClient, loadKubeAccess } from '#operator/runtime';
import { openSharedCluster, type Cluster } from './harness/index.ts';

const RIGHTS = join(
  import.meta.dirname,
  '../../charts/kraite-operator/files/rbac/kraite-node-agent.yaml',
);
const RBAC = 'rbac.authorization.k8s.io';

let cluster: Cluster;
let namespace: Awaited<ReturnType<Cluster['makeNamespace']>>;
let folder: string;
beforeAll(async () => {
  cluster = await openSharedCluster();
  namespace = await cluster.makeNamespace();
  folder = await mkdtemp(join(tmpdir(), 'kraite-agent-'));
});
afterAll(async () => {
  await cluster.kubectl(['delete', 'clusterrolebinding,clusterrole', namespace.name]);
  await namespace[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Gives the account of the agents what the chart gives it, and returns a kubeconfig of the agent on `node`. */
async function openAccount(node: string): Promise<string> {
  const account = { namespace: namespace.name, name: 'kraite-node-agent' };
  await cluster.apply([
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRole',
      metadata: { name: namespace.name },
      rules: parse(await readFile(RIGHTS, 'utf8')) as unknown,
    },
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: namespace.name },
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: namespace.name },
      subjects: [{ kind: 'ServiceAccount', ...account }],
    },
    { apiVersion: 'v1', kind: 'Node', metadata: { name: node } },
  ]);
  return cluster.writeKubeconfig(await cluster.makeToken(account, { node }));
}

test('an agent with the rights of the chart watches its object and reports what its probe saw', async () => {
  const node = `eos-${namespace.name}`;
  const [clock, random] = [createSystemClock(), createSystemRandom()];
  const kubeconfig = await openAccount(node);
  await using echo = await startEchoServer({ host: '127.0.0.1', port: 0 });
  const stop = new AbortController();
  const socketPath = join(folder, 'probe.sock');
  const agent = runNodeAgent(
    {
      config: {
        nodeName: node,
        version: '1.0.0',
        health: { host: '127.0.0.1', port: 0 },
        logLevel: 'silent',
      },
      client: createRestClient({
        transport: connectToCluster(await loadKubeAccess({ kubeconfig }), clock),
        clock,
        random,
        kinds: [KRAITE_NODE_EGRESS],
      }),
      // A box without an address of its own is given no rules, so that this needs no root.
      network: createNodeNetwork({ nft: ['false'], conntrack: ['false'] }),
      paths: {
        egressFile: join(folder, 'egress.json'),
        bootRulesFile: join(folder, 'egress.nft'),
        bootSpecFile: join(folder, 'egress-spec.json'),
        probeSocket: socketPath,
      },
      lookEveryMs: 300,
    },
    stop.signal,
  );
  const probe = runProbe({ socketPath, clock, logger: createSilentLogger() }, stop.signal);
  await cluster.apply([
    {
      apiVersion: API_VERSION,
      kind: 'KraiteNodeEgress',
      metadata: { name: node },
      spec: {
        fleet: 'kraite',
        fleetNamespace: namespace.name,
        box: 'eos',
        role: 'core',
        nodeName: node,
        podCIDR: '10.42.1.0/24',
        clusterCIDR: '10.42.0.0/16',
        echoEndpoints: [echo.url, 'http://127.0.0.1:1/'],
      },
    },
  ]);
  const readStatus = async (): Promise<NodeEgressStatus> => {
    const { stdout } = await cluster.kubectl(['get', 'kne', node, '-o=jsonpath={.status}']);
    return JSON.parse(stdout) as NodeEgressStatus;
  };
  await expect.poll(readStatus, { timeout: 20_000, interval: 200 }).toMatchObject({
    observedGeneration: 1,
    observed: [
      { endpoint: echo.url, address: '127.0.0.1' },
      { endpoint: 'http://127.0.0.1:1/', error: expect.stringContaining('ECONNREFUSED') as string },
    ],
    conditions: [
      { type: 'RulesApplied', status: 'Unknown', reason: 'NotEnforced' },
      { type: 'GuardActive', status: 'Unknown', reason: 'NotEnforced' },
      { type: 'Verified', status: 'Unknown', reason: 'NotEnforced' },
    ],
  });
  stop.abort();
  await Promise.all([agent, probe]);
  await cluster.kubectl(['delete', 'kne,node', node]);
});
