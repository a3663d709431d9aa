import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  installCrds,
  openCluster,
  startControlPlane,
  type Cluster,
  type ControlPlane,
} from './harness/index.ts';

const CHART = join(import.meta.dirname, '../../charts/kraite-operator');
const EGRESSES = '/apis/fleet.kraite.io/v1alpha1/kraitenodeegresses';
const MERGE_PATCH = 'application/merge-patch+json';
const RBAC = 'rbac.authorization.k8s.io';

// A server of its own: the policy is for the whole cluster.
let plane: ControlPlane;
let cluster: Cluster;
let namespace: Awaited<ReturnType<Cluster['makeNamespace']>>;
const EOS = 'eos';
const IRIS = 'iris';
/** Bears a token of the agent on eos. */
let agent: string;

// The agent may do everything to the kind, so that nothing but the policy stands in its way.
beforeAll(async () => {
  plane = await startControlPlane();
  await installCrds(plane.kubeconfig);
  cluster = await openCluster(plane.kubeconfig);
  namespace = await cluster.makeNamespace();
  const policies = await cluster.helm([
    'template',
    'kraite-operator',
    CHART,
    `--namespace=${namespace.name}`,
    '--show-only=templates/policies/node-egress.yaml',
  ]);
  await cluster.apply(policies.stdout);
  await cluster.apply([
    ...[EOS, IRIS].map((name) => ({ apiVersion: 'v1', kind: 'Node', metadata: { name } })),
    ...[EOS, IRIS].map(egressOf),
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRole',
      metadata: { name: namespace.name },
      rules: [
        {
          apiGroups: ['fleet.kraite.io'],
          resources: ['kraitenodeegresses', 'kraitenodeegresses/status'],
          verbs: ['*'],
        },
      ],
    },
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: namespace.name },
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: namespace.name },
      subjects: ['kraite-node-agent', 'other'].map((name) => ({
        kind: 'ServiceAccount',
        name,
        namespace: namespace.name,
      })),
    },
  ]);
  agent = await cluster.makeToken(accountOf('kraite-node-agent'), { node: EOS });
});

afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await plane[Symbol.asyncDispose]();
});

// A policy is enforced a moment after it was accepted, so every refusal is asked for until it comes.
const POLL = { timeout: 20_000, interval: 200 };

test('an agent writes the status of its own node, and of no other', async () => {
  const refusal = `this one runs on ${EOS}, and the object is of ${IRIS}`;
  await expect.poll(() => writeStatus(agent, IRIS), POLL).toContain(refusal);
  expect(await writeStatus(agent, EOS)).toBe('written');
});

test('an agent whose token names no node writes no status', async () => {
  const unbound = await cluster.makeToken(accountOf('kraite-node-agent'));
  await expect
    .poll(() => writeStatus(unbound, EOS), POLL)
    .toContain('this one runs on no node that its token names');
});

test('nobody but an agent writes a status, whatever roles allow', async () => {
  const other = await cluster.makeToken(accountOf('other'), { node: EOS });
  await expect
    .poll(() => writeStatus(other, EOS), POLL)
    .toContain('only kraite-node-agent writes the status');
});

test('an agent chooses neither its address nor whether there is an object', async () => {
  const refusal = "the rest is the operator's";
  const patch = (): Promise<string> =>
    say(agent, 'PATCH', `${EGRESSES}/${EOS}`, { spec: { egressIP: '203.0.113.99' } }, MERGE_PATCH);
  await expect.poll(patch, POLL).toContain(refusal);
  expect(await say(agent, 'DELETE', `${EGRESSES}/${EOS}`)).toContain(refusal);
  expect(await say(agent, 'POST', EGRESSES, egressOf('another'))).toContain(refusal);
  const read = await cluster.kubectl(['get', 'kne', EOS, '-o=jsonpath={.spec.egressIP}']);
  expect(read.stdout).toBe('203.0.113.13');
});

test('others write the spec, which takes IPv4 addresses and networks only', async () => {
  const other = await cluster.makeToken(accountOf('other'));
  const change = (spec: object): Promise<string> =>
    say(other, 'PATCH', `${EGRESSES}/${EOS}`, { spec }, MERGE_PATCH);
  expect(await change({ isReleased: false })).toBe('written');
  expect(await change({ egressIP: '::1' })).toContain('::1 is not an IPv4 address');
  expect(await change({ podCIDR: '10.42.0.0' })).toContain('10.42.0.0 is not an IPv4 network');
});

function accountOf(name: string): { readonly namespace: string; readonly name: string } {
  return { namespace: namespace.name, name };
}

function egressOf(name: string): object {
  return {
    apiVersion: 'fleet.kraite.io/v1alpha1',
    kind: 'KraiteNodeEgress',
    metadata: { name },
    spec: {
      fleet: 'kraite',
      fleetNamespace: 'kraite',
      box: 'eos',
      role: 'trading',
      nodeName: name,
      podCIDR: '10.42.2.0/24',
      clusterCIDR: '10.42.0.0/16',
      egressIP: '203.0.113.13',
      echoEndpoints: ['https://echo.example.org'],
    },
  };
}

/** Returns `written`, or why not. */
async function say(...[token, ...call]: Parameters<Cluster['call']>): Promise<string> {
  const { status, body } = await cluster.call(token, ...call);
  return status < 300 ? 'written' : String((body as { message?: string }).message);
}

function writeStatus(token: string, node: string): Promise<string> {
  const status = { observedGeneration: 1, observedIP: '203.0.113.13' };
  return say(token, 'PATCH', `${EGRESSES}/${node}/status`, { status }, MERGE_PATCH);
}
