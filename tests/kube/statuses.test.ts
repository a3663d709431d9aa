import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  FLEET_CONDITIONS,
  KRAITE_FLEET,
  KRAITE_NODE_EGRESS,
  KRAITE_WORKER_POOL,
  NODE_EGRESS_CONDITIONS,
  type FleetStatus,
  type NodeEgressStatus,
  type WorkerPoolStatus,
} from '#operator/api';
import type { Condition, ResourceKind } from '#operator/runtime';
import { openSharedCluster, type Cluster } from './harness/index.ts';
import { goodFleet } from './parity/cases.ts';

/** The type with nothing left out, so that a new field is missed here until it stands in the definition, too. */
type Whole<Type> = Type extends string | number | boolean
  ? Type
  : { readonly [Key in keyof Type]-?: Whole<NonNullable<Type[Key]>> };

const INSTANT = '2026-01-01T00:00:00Z';

const FLEET_STATUS: Whole<FleetStatus> = {
  observedGeneration: 1,
  phase: 'Ready',
  message: 'all is as it should be',
  version: '0.1.0',
  summary: { core: '2/2', brain: '5/5', workers: '19/19', egress: '6/6' },
  boxes: [
    {
      name: 'eos',
      role: 'trading',
      node: 'eos',
      isReady: true,
      reason: 'Ready',
      version: '0.1.0',
      egress: { expected: '203.0.113.13', observed: '203.0.113.13', verifiedAt: INSTANT },
      lanes: [{ name: 'orders', desired: 8, ready: 8, busy: 3 }],
    },
  ],
  plan: [{ action: 'replace the pods of eos', waitsFor: 'its drain', reason: 'Draining' }],
  conditions: FLEET_CONDITIONS.map(conditionOf),
  lastGoodGeneration: 1,
};

const POOL_STATUS: Whole<WorkerPoolStatus> = {
  observedGeneration: 1,
  slots: 8,
  busy: 3,
  selector: 'fleet.kraite.io/box=eos',
  conditions: [conditionOf('Ready')],
};

const EGRESS_STATUS: Whole<NodeEgressStatus> = {
  observedGeneration: 1,
  observed: [{ endpoint: 'https://echo.example.org', address: '203.0.113.13', error: 'none' }],
  observedIP: '203.0.113.13',
  rulesHash: 'abc',
  verifiedAt: INSTANT,
  conditions: NODE_EGRESS_CONDITIONS.map(conditionOf),
};

let cluster: Cluster;
let namespace: Awaited<ReturnType<Cluster['makeNamespace']>>;
beforeAll(async () => {
  cluster = await openSharedCluster();
  namespace = await cluster.makeNamespace();
});
afterAll(async () => {
  await cluster.kubectl(['delete', 'kne', namespace.name]);
  await namespace[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

test.each([
  { kind: KRAITE_FLEET, spec: goodFleet()['spec'], status: FLEET_STATUS },
  {
    kind: KRAITE_WORKER_POOL,
    spec: { fleet: 'kraite', box: 'eos', lane: 'orders', slots: 8 },
    status: POOL_STATUS,
  },
  {
    kind: KRAITE_NODE_EGRESS,
    spec: {
      fleet: 'kraite',
      fleetNamespace: 'kraite',
      box: 'eos',
      role: 'trading',
      nodeName: 'eos',
      podCIDR: '10.42.2.0/24',
      clusterCIDR: '10.42.0.0/16',
      echoEndpoints: [],
    },
    status: EGRESS_STATUS,
  },
])(
  'a status of $kind.kind says nothing before, and all of it after it was written',
  async (each) => {
    const { kind, spec, status } = each;
    await cluster.apply([{ ...headOf(kind), spec }]);
    expect(await readStatus(kind)).toEqual({ observedGeneration: -1 });
    const written = await cluster.kubectl(
      ['apply', '--server-side', '--subresource=status', '--validate=strict', '-f', '-'],
      { input: JSON.stringify({ ...headOf(kind), status }) },
    );
    expect(written.stderr).toBe('');
    expect(await readStatus(kind)).toEqual(status);
  },
);

function headOf(kind: ResourceKind): object {
  const place = kind.isNamespaced ? { namespace: namespace.name } : {};
  return {
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: { name: namespace.name, ...place },
  };
}

async function readStatus(kind: ResourceKind): Promise<unknown> {
  const place = kind.isNamespaced ? ['--namespace', namespace.name] : [];
  const name = `${kind.plural}/${namespace.name}`;
  const { stdout } = await cluster.kubectl(['get', name, '-o=jsonpath={.status}', ...place]);
  return JSON.parse(stdout) as unknown;
}

function conditionOf(type: string): Whole<Condition> {
  return {
    type,
    status: 'True',
    reason: 'Ready',
    message: 'it is',
    lastTransitionTime: INSTANT,
    observedGeneration: 1,
  };
}
