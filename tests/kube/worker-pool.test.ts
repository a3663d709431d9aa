import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSharedCluster, type Cluster } from './harness/index.ts';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await openSharedCluster();
});
afterAll(() => cluster[Symbol.asyncDispose]());

const pool = (namespace: string, spec: object) => ({
  apiVersion: 'fleet.kraite.io/v1alpha1',
  kind: 'KraiteWorkerPool',
  metadata: { name: 'eos-orders', namespace },
  spec: { fleet: 'kraite', box: 'eos', lane: 'orders', slots: 8, ...spec },
});

test('kubectl scale sets the slots of a pool', async () => {
  await using namespace = await cluster.makeNamespace();
  await cluster.apply([pool(namespace.name, { fleetSlots: 8 })]);
  const at = ['--namespace', namespace.name];
  const scaled = await cluster.kubectl(['scale', 'kwp/eos-orders', '--replicas=12', ...at]);
  expect(scaled.stderr).toBe('');
  const read = await cluster.kubectl(['get', 'kwp/eos-orders', '-o=jsonpath={.spec}', ...at]);
  expect(JSON.parse(read.stdout)).toEqual({
    fleet: 'kraite',
    box: 'eos',
    lane: 'orders',
    slots: 12,
    fleetSlots: 8,
    slotsOwner: 'pool',
  });
});

test('scaling a pool whose slots the fleet owns is refused with what to do', async () => {
  await using namespace = await cluster.makeNamespace();
  await cluster.apply([pool(namespace.name, { fleetSlots: 8, slotsOwner: 'fleet' })]);
  const at = ['--namespace', namespace.name];
  const scaled = await cluster.kubectl(['scale', 'kwp/eos-orders', '--replicas=12', ...at]);
  expect(scaled.status).toBe(1);
  expect(scaled.stderr).toContain(
    'the fleet owns the slots of this pool: change the lane orders of the box eos in KraiteFleet kraite, ' +
      'or set its spec.update.slotsOwner to pool',
  );
  await cluster.apply([pool(namespace.name, { fleetSlots: 10, slots: 10, slotsOwner: 'fleet' })]);
});

test.each([
  ['more slots than a box takes', { slots: 201 }, 'spec.slots: Invalid value: 201'],
  [
    'a lane that changes',
    { lane: 'positions' },
    'spec.lane: Invalid value: "positions": never changes',
  ],
])('%s: refused', async (_, change, says) => {
  await using namespace = await cluster.makeNamespace();
  await cluster.apply([pool(namespace.name, {})]);
  await expect(cluster.apply([pool(namespace.name, change)])).rejects.toThrow(says);
});
