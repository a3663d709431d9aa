/** A whole manager with one small controller, on the simulated API server. */
import { afterEach, expect, test } from 'vitest';

import { createSeededRandom, createSystemClock, type Clock } from '#pkg/base';
import { createSilentLogger } from '#pkg/observability';
import {
  applyOwned,
  controllerReference,
  createManager,
  type KubeObject,
  type Manager,
} from '#operator/runtime';
import { eventually } from '../../harness/eventually.ts';
import { createSimulatedKube, type SimulatedKube } from './index.ts';
import { CONFIG_MAP, EVENT, LEASE, PARENT } from './kinds.ts';

const DURATIONS = { leaseMs: 400, renewMs: 250, retryMs: 50 };
const CHILD = { namespace: 'n', name: 'one-child' };
const running: { readonly manager: Manager; stop(): Promise<void> }[] = [];

afterEach(async () => {
  for (const each of running.splice(0)) await each.stop();
});

function createKube(): SimulatedKube {
  return createSimulatedKube({
    clock: createSystemClock(),
    kinds: [PARENT, CONFIG_MAP, LEASE, EVENT],
  });
}

function start(kube: SimulatedKube, identity: string, clock: Clock = createSystemClock()) {
  const client = kube.connect(identity);
  const abort = new AbortController();
  const lost = { isLost: false };
  const manager = createManager({
    name: 'test-operator',
    namespace: 'n',
    identity,
    client,
    clock,
    random: createSeededRandom(identity),
    logger: createSilentLogger(),
    leaseDurations: DURATIONS,
    onLeaseLost: () => {
      lost.isLost = true;
    },
  });
  manager.add({
    name: 'parent',
    watched: PARENT,
    owned: [CONFIG_MAP],
    reconciler: {
      reconcile: async ({ namespace, name }, signal) => {
        const parent = manager.cache.find(PARENT, { namespace, name });
        if (parent === undefined) return { kind: 'settled' };
        const child = childOf(parent, String(manager.epoch()));
        await applyOwned(child, manager.cache.find(CONFIG_MAP, child.metadata), {
          client,
          fieldManager: 'test',
          hashAnnotation: 'test.example/hash',
          signal,
        });
        return { kind: 'settled' };
      },
    },
  });
  const ran = manager.run(abort.signal);
  const handle = {
    manager,
    lost,
    stop: async (): Promise<void> => {
      abort.abort(new Error('the test ends'));
      await ran;
    },
  };
  running.push(handle);
  return handle;
}

function childOf(parent: KubeObject, epoch: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      namespace: parent.metadata.namespace ?? '',
      name: `${parent.metadata.name}-child`,
      ownerReferences: [controllerReference(parent)],
    },
    data: { text: String(parent['spec']), epoch },
  };
}

const createParent = (kube: SimulatedKube, spec: unknown): Promise<KubeObject> =>
  kube.client.apply(
    { ...PARENT_TYPE, metadata: { namespace: 'n', name: 'one' }, spec },
    { fieldManager: 'person' },
  );
const PARENT_TYPE = { apiVersion: PARENT.apiVersion, kind: PARENT.kind } as const;

async function expectChild(kube: SimulatedKube, text: string): Promise<KubeObject> {
  let child: KubeObject | undefined;
  await eventually(async () => {
    child = await kube.client.find(CONFIG_MAP, CHILD);
    expect(child?.['data']).toMatchObject({ text });
  });
  return child as KubeObject;
}

test('an object makes its child, a change changes it, drift is put back, and then nothing is written', async () => {
  const kube = createKube();
  start(kube, 'first');
  await createParent(kube, 'a');
  await expectChild(kube, 'a');
  await createParent(kube, 'b');
  await expectChild(kube, 'b');
  await kube.client.mergePatch(
    { apiVersion: 'v1', kind: 'ConfigMap', ...CHILD },
    { data: { text: 'drifted', own: 'of another' } },
  );
  const child = await expectChild(kube, 'b');
  expect(child['data']).toMatchObject({ own: 'of another' });
  await kube.client.delete({ apiVersion: 'v1', kind: 'ConfigMap', ...CHILD });
  await expectChild(kube, 'b');

  const written = (): number =>
    kube.server.writes.filter(({ client, path }) => client === 'first' && !path.includes('/leases'))
      .length;
  const before = written();
  kube.server.dropWatches({ isGone: true });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(written()).toBe(before);
});

test('what happened while the watch was broken is seen', async () => {
  const kube = createKube();
  const { manager } = start(kube, 'first');
  await createParent(kube, 'a');
  await expectChild(kube, 'a');
  kube.server.cutOff('first');
  await createParent(kube, 'b');
  kube.server.reconnect('first');
  await expectChild(kube, 'b');
  expect(manager.cache.isFresh(CONFIG_MAP)).toBe(true);
});

test('a stopped leader hands over at once, under the next epoch', async () => {
  const kube = createKube();
  const first = start(kube, 'first');
  await createParent(kube, 'a');
  const before = await expectChild(kube, 'a');
  const second = start(kube, 'second');
  await eventually(() => expect(second.manager.isReady()).toBe(true));
  expect(second.manager.epoch()).toBeUndefined();
  await first.stop();
  await eventually(() => expect(second.manager.epoch()).toBeDefined());
  await createParent(kube, 'b');
  const after = await expectChild(kube, 'b');
  const epochOf = (child: KubeObject): number =>
    Number((child['data'] as Readonly<Record<string, string>>)['epoch']);
  expect(epochOf(after)).toBe(epochOf(before) + 1);
});

test('a leader that is cut off gives up before another takes over', async () => {
  const kube = createKube();
  const first = start(kube, 'first');
  await eventually(() => expect(first.manager.epoch()).toBeDefined());
  const second = start(kube, 'second');
  kube.server.cutOff('first');
  await eventually(() => expect(second.manager.epoch()).toBeDefined(), { limitMs: 5_000 });
  expect(first.lost.isLost).toBe(true);
  expect(first.manager.epoch()).toBeUndefined();
  kube.server.reconnect('first');
});

test('a child of nobody waits for no one: an event is a hint, not a command', async () => {
  const kube = createKube();
  await createParent(kube, 'a');
  start(kube, 'late');
  await expectChild(kube, 'a');
});
