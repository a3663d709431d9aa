import { afterAll, beforeAll, expect, test } from 'vitest';

import { KRAITE_FLEET, KRAITE_WORKER_POOL } from '#operator/api';
import { KINDS } from '#operator/resources';
import { LEASE_DURATIONS, type KubeObject } from '#operator/runtime';
import { eventually } from '../../harness/eventually.ts';
import {
  FLEET_NAMESPACE,
  must,
  sampleFleet,
  startFleetCluster,
  SYSTEM_NAMESPACE,
  type FleetCluster,
} from './fleet-cluster.ts';
import { startOperatorProcess, type OperatorProcess } from './operator-process.ts';
import { watchChanges } from './watch-changes.ts';

/** The suite has no minutes to wait; by hand: `KRAITE_AWAY_SECONDS=180 npx vitest run --project kube …/failures.test.ts`. */
const AWAY_MS = Number(process.env['KRAITE_AWAY_SECONDS'] ?? 30) * 1_000;

let world: FleetCluster;
let operators: readonly OperatorProcess[] = [];
beforeAll(async () => {
  world = await startFleetCluster();
  const start = (name: string) => startOperatorProcess(name, world.operatorKubeconfig);
  operators = [await start('operator-a')];
  await world.cluster.apply(sampleFleet());
  await becomesReady();
  // The second one comes when the lease is there: to try and make it is a write as well.
  operators = [...operators, await start('operator-b')];
}, 180_000);
afterAll(async () => {
  await Promise.all(operators.map((each) => each[Symbol.asyncDispose]()));
  await world?.[Symbol.asyncDispose]();
});

const within = (limitMs: number) => ({ limitMs, everyMs: 200 });
const becomesReady = () =>
  eventually(async () => {
    await world.playAgents();
    const fleet = await world.get(KRAITE_FLEET, 'kraite');
    expect(fleet?.['status']).toMatchObject({ phase: 'Ready' });
  }, within(120_000));
const holderIn = (lease: KubeObject): string =>
  (lease['spec'] as { readonly holderIdentity?: string }).holderIdentity ?? '';
const leader = async (): Promise<OperatorProcess> => {
  const lease = await world.client.find(KINDS.Lease, {
    namespace: SYSTEM_NAMESPACE,
    name: 'kraite-operator',
  });
  const found = operators.find(({ name }) => holderIn(lease as KubeObject).startsWith(name));
  if (found === undefined) throw new Error('nobody leads');
  return found;
};
/** Versions of everything that the fleet owns: one more write of it would show. */
const versions = async (): Promise<readonly string[]> => {
  const kinds = [KINDS.Deployment, KINDS.ConfigMap, KINDS.PodDisruptionBudget, KRAITE_WORKER_POOL];
  const lists = await Promise.all(kinds.map((kind) => world.list(kind)));
  return lists
    .flat()
    .map(({ kind, metadata }) => `${kind}/${metadata.name} ${metadata.uid} ${metadata.generation}`);
};

test('when the leader is killed the other takes over within the lease and two seconds, and writes nothing twice', async () => {
  const first = await leader();
  const second = operators.find((each) => each !== first);
  const before = await versions();
  const idle = await second?.writes();
  await using leases = watchChanges(world.client, KINDS.Lease, SYSTEM_NAMESPACE);
  // The watch tells of a renewal, so it runs.
  await eventually(
    () => expect(leases.of('kraite-operator').length).toBeGreaterThan(0),
    within(30_000),
  );
  await first.kill();
  const killedAtMs = performance.now();
  await eventually(() => {
    const taken = leases
      .of('kraite-operator')
      .find(({ object }) => holderIn(object).startsWith(second?.name ?? '?'));
    expect(taken).toBeDefined();
    const tookMs = (taken?.atMs ?? 0) - killedAtMs;
    expect(tookMs).toBeLessThanOrEqual(LEASE_DURATIONS.leaseMs + 2_000);
  }, within(40_000));
  await must(world.cluster, ['delete', 'pdb/kraite-nyx-orders', `--namespace=${FLEET_NAMESPACE}`]);
  await eventually(
    async () =>
      expect(await world.get(KINDS.PodDisruptionBudget, 'kraite-nyx-orders')).toBeDefined(),
    within(20_000),
  );
  const rest = (list: readonly string[]) =>
    list.filter((each) => !each.includes('kraite-nyx-orders'));
  expect(rest(await versions())).toEqual(rest(before));
  // The one that stood by wrote nothing until it led, and then the budget, its event, and what the status says of it.
  expect(idle).toBe(0);
  expect((await second?.writes()) ?? 0).toBeLessThan(8);
}, 120_000);

test(
  'workers do not care that the API server is away, and nothing is deleted when it is back',
  async () => {
    const before = await versions();
    await world.plane.stopApiServer();
    await new Promise((resolve) => {
      setTimeout(resolve, AWAY_MS);
    });
    await world.plane.startApiServer();
    await eventually(async () => expect(await versions()).toEqual(before), within(30_000));
    // A leader that could not renew has ended, as it must; its Deployment starts it again.
    const ended = operators.filter((each) => !each.isRunning());
    for (const { name } of ended) {
      operators = [
        ...operators,
        await startOperatorProcess(`${name}-again`, world.operatorKubeconfig),
      ];
    }
    await must(world.cluster, [
      'delete',
      'pdb/kraite-eos-orders',
      `--namespace=${FLEET_NAMESPACE}`,
    ]);
    await eventually(
      async () =>
        expect(await world.get(KINDS.PodDisruptionBudget, 'kraite-eos-orders')).toBeDefined(),
      within(60_000),
    );
    const rest = (list: readonly string[]) =>
      list.filter((each) => !each.includes('kraite-eos-orders'));
    expect(rest(await versions())).toEqual(rest(before));
  },
  240_000 + AWAY_MS,
);
