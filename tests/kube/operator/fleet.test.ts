import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

import {
  ANNOTATIONS,
  KRAITE_FLEET,
  KRAITE_NODE_EGRESS,
  KRAITE_WORKER_POOL,
  LABELS,
  type FleetObject,
} from '#operator/api';
import { ACCESS_ROLES } from '#operator/charts';
import { KINDS } from '#operator/resources';
import type { KubeObject, ResourceKind } from '#operator/runtime';
import { eventually } from '../../harness/eventually.ts';
import {
  FLEET_NAMESPACE,
  must,
  sampleFleet,
  startFleetCluster,
  startOperator,
  SYSTEM_NAMESPACE,
  type FleetCluster,
  type RunningOperator,
} from './fleet-cluster.ts';
import { playProcesses } from './play-processes.ts';
import { refuseBudgets } from './refuse-budgets.ts';
import { watchChanges } from './watch-changes.ts';

/** One fleet and one operator, which lives on from test to test: each leaves it Ready. */
let world: FleetCluster;
let operator: RunningOperator;
const busy = new Map<string, number>();
const AT = [`--namespace=${FLEET_NAMESPACE}`];
/** So that the hour of the day is nothing to the tests. */
const ANY_HOUR = `funding=${new Date(Date.now() + 3_600_000).toISOString()}`;

beforeAll(async () => {
  world = await startFleetCluster();
  operator = await startOperator(world.operatorKubeconfig, { ask: playProcesses(world, busy) });
}, 120_000);
afterAll(async () => {
  await operator?.[Symbol.asyncDispose]();
  await world?.[Symbol.asyncDispose]();
});

const within = (limitMs: number) => ({ limitMs, everyMs: 200 });
const fleet = async () => (await world.get(KRAITE_FLEET, 'kraite')) as FleetObject | undefined;
const becomesReady = () =>
  eventually(async () => {
    await world.playAgents();
    const { metadata, status } = (await fleet()) ?? {};
    expect(status).toMatchObject({ phase: 'Ready', observedGeneration: metadata?.generation });
  }, within(90_000));
const patchFleet = (patch: object) =>
  must(world.cluster, [
    'patch',
    'kf/kraite',
    ...AT,
    '--type=merge',
    `--patch=${JSON.stringify(patch)}`,
  ]);
const countOf = async (kind: ResourceKind) => (await world.list(kind)).length;
const fileOf = async (name: string): Promise<unknown> => {
  const config = await world.get(KINDS.ConfigMap, `kraite-${name}`);
  const data = config?.['data'] as Readonly<Record<string, string>> | undefined;
  return JSON.parse(data?.['workload.json'] ?? '{}');
};
const podsOf = async (box: string, lane: string): Promise<readonly KubeObject[]> =>
  (await world.list(KINDS.Pod)).filter(
    ({ metadata }) =>
      metadata.labels?.[LABELS.box] === box && metadata.labels?.[LABELS.lane] === lane,
  );

test('one applied object becomes every object of the plan, and then Ready', async () => {
  await world.cluster.apply(sampleFleet());
  await eventually(async () => {
    expect(await countOf(KINDS.Deployment)).toBe(26);
    expect(await countOf(KINDS.StatefulSet)).toBe(2);
    expect(await countOf(KRAITE_WORKER_POOL)).toBe(21);
    expect(await countOf(KRAITE_NODE_EGRESS)).toBe(7);
  }, within(60_000));
  await becomesReady();
  const shown = await must(world.cluster, ['get', 'kf', ...AT, '--output=wide']);
  expect(shown.replace(/ \d+s /, ' AGE ').replaceAll(/ +/g, ' ')).toBe(
    [
      'NAME READY PHASE CORE BRAIN WORKERS EGRESS VERSION AGE MESSAGE',
      'kraite True Ready 2/2 5/5 21/21 6/6 0.1.0 AGE every box runs what the object says',
    ].join('\n'),
  );
  const agents = await world.client.list(KINDS.DaemonSet, { namespace: SYSTEM_NAMESPACE });
  expect(agents.map(({ metadata }) => metadata.name)).toContain('kraite-node-agent');
});

test('nothing is written while nothing changes', async () => {
  // The last statuses and events of what just became Ready are still under way.
  await eventually(async () => expect(await writesWithinMs(3_000)).toBe(0), within(30_000));
  expect(await writesWithinMs(25_000)).toBe(0);
});

test('what a stranger changes is put back within a second of the event', async () => {
  await using changes = watchChanges(world.client, KINDS.Deployment, FLEET_NAMESPACE);
  await must(world.cluster, ['scale', 'deployment/kraite-eos-orders', '--replicas=0', ...AT]);
  const replicas = (object: KubeObject) =>
    (object['spec'] as { readonly replicas: number }).replicas;
  await eventually(() => {
    const seen = changes.of('kraite-eos-orders');
    const drift = seen.find(({ object }) => replicas(object) === 0);
    const back = seen.find(
      ({ object, atMs }) => atMs >= (drift?.atMs ?? 0) && replicas(object) === 1,
    );
    expect(drift).toBeDefined();
    expect(back).toBeDefined();
    expect((back?.atMs ?? 0) - (drift?.atMs ?? 0)).toBeLessThanOrEqual(1_000);
  }, within(10_000));
  await must(world.cluster, ['delete', 'pdb/kraite-nyx-orders', ...AT]);
  await eventually(
    async () =>
      expect(await world.get(KINDS.PodDisruptionBudget, 'kraite-nyx-orders')).toBeDefined(),
    within(10_000),
  );
  await becomesReady();
});

test('the node agents of all fleets are put back as well, and what their probes may reach', async () => {
  const at = [`--namespace=${SYSTEM_NAMESPACE}`];
  const find = (kind: ResourceKind, name: string) =>
    world.client.find(kind, { namespace: SYSTEM_NAMESPACE, name });
  await using changes = watchChanges(world.client, KINDS.DaemonSet, SYSTEM_NAMESPACE);
  const old = await find(KINDS.DaemonSet, 'kraite-node-agent');
  const probe = (await find(KINDS.NetworkPolicy, 'kraite-egress-probe'))?.['spec'];
  await must(world.cluster, ['delete', 'daemonset/kraite-node-agent', ...at]);
  await must(world.cluster, [
    ...['patch', 'networkpolicy/kraite-egress-probe', ...at, '--type=merge'],
    '--patch={"spec":{"policyTypes":["Ingress"]}}',
  ]);
  await eventually(async () => {
    const seen = changes.of('kraite-node-agent');
    const gone = seen.find(({ object }) => object.metadata.uid === old?.metadata.uid);
    const back = seen.find(({ object }) => object.metadata.uid !== old?.metadata.uid);
    expect(back).toBeDefined();
    expect((back?.atMs ?? 0) - (gone?.atMs ?? 0)).toBeLessThanOrEqual(1_000);
    expect((await find(KINDS.NetworkPolicy, 'kraite-egress-probe'))?.['spec']).toEqual(probe);
  }, within(10_000));
});

test('what the API server refuses is what the fleet is stalled by, until it refuses no more', async () => {
  const refusal = refuseBudgets('kraite-nyx-orders', 'no budget for nyx today');
  await world.cluster.apply(refusal);
  const annotate = ['annotate', 'pdb/kraite-nyx-orders', ...AT, 'by=a-person', '--overwrite'];
  await eventually(
    async () => expect((await world.cluster.kubectl(annotate)).status).not.toBe(0),
    within(30_000),
  );
  await must(world.cluster, ['delete', 'pdb/kraite-nyx-orders', ...AT]);
  await eventually(async () => {
    const { status } = (await world.get(KRAITE_FLEET, 'kraite')) as FleetObject;
    expect(status?.phase).toBe('Stalled');
    const stalled = status?.conditions?.find(({ type }) => type === 'Stalled');
    expect(stalled).toMatchObject({ status: 'True', reason: 'WriteRefused' });
    expect(stalled?.message).toContain('PodDisruptionBudget kraite-nyx-orders');
    expect(stalled?.message).toContain('no budget for nyx today');
  }, within(15_000));
  for (const { kind, metadata } of refusal) {
    await must(world.cluster, ['delete', `${kind}/${metadata.name}`]);
  }
  await eventually(
    async () =>
      expect(await world.get(KINDS.PodDisruptionBudget, 'kraite-nyx-orders')).toBeDefined(),
    within(60_000),
  );
  await becomesReady();
});

test('kubectl scale of a pool reaches the running worker and replaces no pod', async () => {
  const [before] = await podsOf('eos', 'positions');
  await must(world.cluster, ['scale', 'kwp/eos-positions', '--replicas=12', ...AT]);
  await eventually(async () => {
    expect(await fileOf('eos-positions')).toMatchObject({ lanes: { positions: 12 } });
    const [pod] = await podsOf('eos', 'positions');
    const { generation } = (await fileOf('eos-positions')) as { generation: number };
    expect(pod?.metadata.annotations?.[ANNOTATIONS.workloadGeneration]).toBe(String(generation));
    const pool = await world.get(KRAITE_WORKER_POOL, 'eos-positions');
    expect(pool?.['status']).toMatchObject({ slots: 12 });
  }, within(30_000));
  const [after] = await podsOf('eos', 'positions');
  expect(after?.metadata.uid).toBe(before?.metadata.uid);
});

test('a paused fleet keeps its drift, and says that it is paused', async () => {
  await patchFleet({ spec: { paused: true } });
  await eventually(
    async () => expect((await fleet())?.status?.phase).toBe('Paused'),
    within(20_000),
  );
  await must(world.cluster, ['delete', 'pdb/kraite-iris-orders', ...AT]);
  await new Promise((resolve) => {
    setTimeout(resolve, 3_000);
  });
  expect(await world.get(KINDS.PodDisruptionBudget, 'kraite-iris-orders')).toBeUndefined();
  await patchFleet({ spec: { paused: false } });
  await eventually(
    async () =>
      expect(await world.get(KINDS.PodDisruptionBudget, 'kraite-iris-orders')).toBeDefined(),
    within(20_000),
  );
  await becomesReady();
});

test('an update drains a box before its pods are replaced, and the other boxes wait', async () => {
  busy.set('eos-orders', 1);
  const [before] = await podsOf('eos', 'orders');
  const canary = `canary=${new Date(Date.now() + 3_600_000).toISOString()}`;
  await patchFleet({
    metadata: { annotations: { [ANNOTATIONS.skipGate]: `${ANY_HOUR},${canary}` } },
    spec: { version: '0.2.0' },
  });
  // kwok completes no Job of ours by itself.
  await eventually(async () => {
    const [entry] = (await fleet())?.status?.plan ?? [];
    await completeJobs();
    expect(entry).toMatchObject({ action: 'replace the pods of eos', reason: 'DrainRunning' });
  }, within(60_000));
  expect(await fileOf('eos-orders')).toMatchObject({ isDraining: true });
  expect(await fileOf('iris-orders')).toMatchObject({ isDraining: false });
  expect((await podsOf('eos', 'orders')).map(({ metadata }) => metadata.uid)).toEqual([
    before?.metadata.uid,
  ]);
  busy.clear();
  await eventually(async () => {
    await world.playAgents();
    const { status } = (await fleet()) ?? {};
    expect(status).toMatchObject({ phase: 'Ready', version: '0.2.0' });
  }, within(120_000));
  expect(await fileOf('eos-orders')).toMatchObject({ isDraining: false });
}, 240_000);

test('kraite rollback gives back the spec by which the fleet was Ready last', async () => {
  const canary = `canary=${new Date(Date.now() + 3_600_000).toISOString()}`;
  await patchFleet({
    metadata: { annotations: { [ANNOTATIONS.skipGate]: `${ANY_HOUR},${canary}` } },
    spec: { version: '0.9.0' },
  });
  await eventually(
    async () => expect((await fleet())?.status?.phase).toBe('Updating'),
    within(20_000),
  );
  const rolled = await runKraite(['rollback', ...AT, `--kubeconfig=${world.plane.kubeconfig}`]);
  expect(rolled.stdout).toContain('spec.version: "0.9.0" becomes "0.2.0"');
  expect((await fleet())?.spec.version).toBe('0.2.0');
  await becomesReady();
}, 180_000);

test('a younger fleet that names a box of this one is told so, and changes nothing', async () => {
  const other = sampleFleet((text) => text.replace('name: kraite\n', 'name: other\n'));
  await world.cluster.apply(other);
  await eventually(async () => {
    const { status } = ((await world.get(KRAITE_FLEET, 'other')) ?? {}) as Partial<FleetObject>;
    const topology = status?.conditions?.find(({ type }) => type === 'TopologyValid');
    expect(topology).toMatchObject({ status: 'False', reason: 'BoxTaken' });
  }, within(20_000));
  const owned = (await world.list(KINDS.Deployment)).filter(({ metadata }) =>
    metadata.name.startsWith('other-'),
  );
  expect(owned).toEqual([]);
  await must(world.cluster, ['delete', 'kf/other', ...AT, '--timeout=20s']);
});

test('the account of the operator may do nothing beyond its work', async () => {
  const mayNot = [
    ['create', 'clusterroles'],
    ['create', 'rolebindings', ...AT],
    ['delete', 'nodes'],
    ['delete', 'priorityclasses'],
    ['delete', 'namespaces'],
    ['create', 'pods', ...AT],
    ['create', 'pods', '--subresource=exec', ...AT],
    ['patch', 'kraitenodeegresses', '--subresource=status'],
    ['impersonate', 'users'],
  ];
  for (const what of mayNot) {
    const answer = await world.cluster.kubectl(['auth', 'can-i', ...what], {
      kubeconfig: world.operatorKubeconfig,
    });
    expect([what.join(' '), answer.stdout.trim()]).toEqual([what.join(' '), 'no']);
  }
});

test('what the object names no more ends, a worker after what it runs, and with it all that it read', async () => {
  const namesOf = async (kind: ResourceKind, part: string) =>
    (await world.list(kind))
      .map(({ metadata }) => metadata.name)
      .filter((name) => name.includes(part));
  busy.set('hemera-orders', 1);
  const { spec } = (await fleet()) as FleetObject;
  await patchFleet({
    spec: {
      trading: { boxes: spec.trading.boxes.filter(({ name }) => name !== 'hemera') },
      network: { boxes: spec.network.boxes.filter(({ name }) => name !== 'hemera') },
      core: { redis: { existing: { secret: 'redis-of-somebody' } } },
    },
  });
  await eventually(async () => {
    expect(await fileOf('hemera-orders')).toMatchObject({ isDraining: true });
    expect(await namesOf(KINDS.Deployment, 'hemera')).toEqual(['kraite-hemera-orders']);
    expect((await fleet())?.status?.plan).toContainEqual(
      expect.objectContaining({ waitsFor: 'hemera-orders to finish', reason: 'DrainRunning' }),
    );
  }, within(30_000));
  busy.clear();
  const read = [
    KINDS.Deployment,
    KINDS.ConfigMap,
    KRAITE_WORKER_POOL,
    KINDS.PodDisruptionBudget,
    KINDS.PersistentVolumeClaim,
  ];
  await eventually(async () => {
    for (const kind of read) expect(await namesOf(kind, 'hemera')).toEqual([]);
    for (const kind of [KINDS.StatefulSet, KINDS.Service, KINDS.NetworkPolicy]) {
      expect(await namesOf(kind, 'redis')).toEqual([]);
    }
  }, within(60_000));
});

test('a deleted fleet drains, gives its boxes back, and leaves its data', async () => {
  busy.set('nyx-orders', 1);
  await must(world.cluster, ['delete', 'kf/kraite', ...AT, '--wait=false']);
  await eventually(async () => {
    expect((await fleet())?.status?.phase).toBe('Deleting');
    expect(await fileOf('nyx-orders')).toMatchObject({ isDraining: true });
  }, within(20_000));
  expect(await podsOf('nyx', 'orders')).toHaveLength(1);
  busy.clear();
  await eventually(async () => {
    await world.playAgents();
    expect(await fleet()).toBeUndefined();
  }, within(200_000));
  expect(await countOf(KRAITE_NODE_EGRESS)).toBe(0);
  const node = await world.get(KINDS.Node, 'eos');
  expect(node?.metadata.labels?.[LABELS.nodeBox]).toBeUndefined();
  await eventually(async () => {
    expect(await countOf(KINDS.Deployment)).toBe(0);
    expect(await countOf(KINDS.Pod)).toBe(0);
  }, within(30_000));
  const secrets = (await world.list(KINDS.Secret)).map(({ metadata }) => metadata.name);
  expect(secrets).toEqual(expect.arrayContaining(['kraite-core', 'kraite-account-key']));
  const claims = (await world.list(KINDS.PersistentVolumeClaim)).map(
    ({ metadata }) => metadata.name,
  );
  expect(claims).toContain('kraite-mysql');
}, 300_000);

async function writesWithinMs(durationMs: number): Promise<number> {
  const before = await operator.writes();
  await new Promise((resolve) => {
    setTimeout(resolve, durationMs);
  });
  return (await operator.writes()) - before;
}

async function runKraite(args: readonly string[]): Promise<{ readonly stdout: string }> {
  return promisify(execFile)(process.execPath, ['cmd/kraite/main.ts', ...args]);
}

async function completeJobs(): Promise<void> {
  for (const job of await world.list(KINDS.Job)) {
    if (JSON.stringify(job['status'] ?? {}).includes('"Complete"')) continue;
    const pods = (await world.list(KINDS.Pod)).filter(({ metadata }) =>
      metadata.ownerReferences?.some(({ uid }) => uid === job.metadata.uid),
    );
    for (const pod of pods) {
      const { name, namespace = '' } = pod.metadata;
      const ref = { apiVersion: 'v1', kind: 'Pod', name, namespace };
      await world.client.mergePatch(
        ref,
        { status: { phase: 'Succeeded' } },
        { subresource: 'status' },
      );
    }
  }
}

/** Nobody sends it: admission asks whether the writer may, where an owner reference blocks the owner's deletion. */
const ASKED_BY_ADMISSION = ['fleet.kraite.io/kraitefleets/finalizers update'];

test('every right that the chart gives was used by now', () => {
  const granted = ACCESS_ROLES.filter(({ name }) => name.startsWith('kraite-operator'))
    .flatMap(({ rules }) => rules)
    .flatMap(({ apiGroups, resources, verbs }) =>
      resources.flatMap((resource) => verbs.map((verb) => `${apiGroups[0]}/${resource} ${verb}`)),
    );
  const unused = new Set(granted.filter((right) => !operator.used.has(right)));
  expect([...unused].toSorted()).toEqual(ASKED_BY_ADMISSION);
});
