/**
 * The traps that watchers of the Kubernetes API fall into, each as a fact that must not come back. The numbers are
 * theirs; T1 and T5 are also tried over HTTP beside the transport (`operator/runtime/http-transport.test.ts`).
 */
import { expect, test } from 'vitest';

import { createSimulatedKube, type FaultPlan } from './index.ts';
import { passTime } from './virtual-time.ts';
import { failing, POLICY, startBench, THING, THING_TYPE } from './watch-bench.ts';

const isWatchOfThings = ({ verb, plural }: Parameters<FaultPlan>[0]): boolean =>
  verb === 'watch' && plural === 'things';

test('T2: a quiet watch is left alone until its own time is over', async () => {
  const bench = startBench();
  await passTime(bench.clock, 299_000);
  expect(bench.watches).toHaveLength(1);
  await passTime(bench.clock, 302_000);
  expect(bench.watches).toHaveLength(2);
  expect(bench.lists).toHaveLength(1);
  await bench.stop();
});

test('T2: a watch that falls silent is noticed, and what was missed is seen', async () => {
  const bench = startBench();
  await passTime(bench.clock, 1_000);
  bench.mute.isMuted = true;
  await bench.put('a');
  await passTime(bench.clock, 140_000);
  bench.mute.isMuted = false;
  expect(bench.seen).toEqual([]);
  await passTime(bench.clock, 11_000);
  expect(bench.seen.map(({ name }) => name)).toEqual(['a']);
  expect(bench.lists).toHaveLength(1);
  await bench.stop();
});

test('a cache is not fresh while its watch cannot be opened, and again when it can', async () => {
  const plan = failing(isWatchOfThings, { kind: 'refuse', status: 503 }, 10);
  const bench = startBench({ faults: plan.faults });
  await passTime(bench.clock, 1_000);
  expect(bench.manager.cache.isFresh(THING)).toBe(true);
  plan.arm();
  bench.kube.server.dropWatches({ client: 'operator' });
  await passTime(bench.clock, 9_000);
  expect(bench.manager.cache.isFresh(THING)).toBe(true);
  await passTime(bench.clock, 3_000);
  expect(bench.manager.cache.isFresh(THING)).toBe(false);
  await passTime(bench.clock, 200_000);
  expect(bench.manager.cache.isFresh(THING)).toBe(true);
  await bench.stop();
});

test('T3: what was stopped stays stopped', async () => {
  const bench = startBench();
  await passTime(bench.clock, 10_000);
  await bench.stop();
  const before = new Map(bench.kube.server.requests);
  bench.kube.server.dropWatches();
  await bench.put('a');
  await passTime(bench.clock, 3_600_000);
  expect(bench.kube.server.requests).toEqual(before.set('patch', 1));
  expect(bench.seen).toEqual([]);
});

test('T4: a manager runs once, and a second start disturbs nothing', async () => {
  const bench = startBench();
  await passTime(bench.clock, 10_000);
  expect(() => bench.manager.run(new AbortController().signal)).toThrow('runs once');
  await passTime(bench.clock, 10_000);
  expect(bench.watches).toHaveLength(1);
  await bench.stop();
});

test('T5: a connection that breaks in the middle of a watch goes on where it was, without a list', async () => {
  const bench = startBench();
  await bench.put('a');
  await passTime(bench.clock, 1_000);
  const { resourceVersion } = await bench.put('b').then(({ metadata }) => metadata);
  await passTime(bench.clock, 0);
  bench.kube.server.dropWatches({ client: 'operator' });
  await bench.put('c');
  await passTime(bench.clock, 1_000);
  expect(bench.watches.at(-1)?.get('resourceVersion')).toBe(resourceVersion);
  expect(bench.seen.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  expect(bench.lists).toHaveLength(1);
  expect(bench.manager.cache.isFresh(THING)).toBe(true);
  await bench.stop();
});

test('T6: a watch that is refused is asked for again, later and later, and never gives up', async () => {
  const plan = failing(isWatchOfThings, { kind: 'refuse', status: 503 }, 12);
  const bench = startBench({ faults: plan.faults });
  await passTime(bench.clock, 1_000);
  plan.arm();
  bench.kube.server.dropWatches({ client: 'operator' });
  await bench.put('a');
  await passTime(bench.clock, 1_000);
  const soon = bench.watches.length;
  expect(soon).toBeGreaterThanOrEqual(2);
  expect(soon).toBeLessThan(7);
  await passTime(bench.clock, 240_000);
  expect(bench.watches).toHaveLength(1 + 12 + 1);
  expect(bench.seen.map(({ name }) => name)).toEqual(['a']);
  expect(bench.lists).toHaveLength(1);
  await bench.stop();
});

test('T6: a server that ends every watch at once is not asked in a circle', async () => {
  const endless = failing(isWatchOfThings, { kind: 'expireWatch', afterMs: 0 }, 1_000);
  const bench = startBench({ faults: endless.faults });
  await passTime(bench.clock, 1_000);
  endless.arm();
  bench.kube.server.dropWatches({ client: 'operator' });
  await passTime(bench.clock, 60_000);
  expect(bench.watches.length).toBeLessThan(15);
  await bench.stop();
});

test('T7: a mapping that throws breaks no watch, and loses no change for others', async () => {
  const mapped: string[] = [];
  const bench = startBench({
    controller: {
      mapped: [
        {
          kind: POLICY,
          toRequests: ({ metadata }) => {
            mapped.push(metadata.name);
            if (metadata.name === 'bad') throw new TypeError('the mapping is wrong');
            return [{ namespace: 'n', name: `of-${metadata.name}` }];
          },
        },
      ],
    },
  });
  await passTime(bench.clock, 1_000);
  for (const name of ['bad', 'good']) {
    await bench.kube.client.create({
      apiVersion: POLICY.apiVersion,
      kind: POLICY.kind,
      metadata: { namespace: 'n', name },
    });
  }
  await passTime(bench.clock, 1_000);
  expect(mapped).toEqual(['bad', 'good']);
  expect(bench.seen).toEqual([{ namespace: 'n', name: 'of-good' }]);
  await bench.stop();
});

test('T7: a reconciler that throws at once is tried again, and holds nobody up', async () => {
  let tries = 0;
  const seen: string[] = [];
  const bench = startBench({
    controller: {
      reconciler: {
        reconcile: ({ name }) => {
          seen.push(name);
          if (name === 'bad' && (tries += 1) < 4) throw new TypeError('a mistake');
          return Promise.resolve({ kind: 'settled' });
        },
      },
    },
  });
  await bench.put('bad');
  await bench.put('good');
  await passTime(bench.clock, 20_000);
  expect(tries).toBe(4);
  expect(seen.filter((name) => name === 'good')).toHaveLength(1);
  await bench.stop();
});

test.each([
  ['a list is under way', { verb: 'list', fault: { kind: 'delay', delayMs: 5_000 } }] as const,
  ['a back-off is under way', { verb: 'list', fault: { kind: 'refuse', status: 403 } }] as const,
  ['a watch is being opened', { verb: 'watch', fault: { kind: 'delay', delayMs: 5_000 } }] as const,
])('T10: a stop while %s opens nothing afterwards', async (_, { verb, fault }) => {
  const bench = startBench({
    faults: (request) => (request.verb === verb && request.plural === 'things' ? fault : undefined),
  });
  await passTime(bench.clock, 500);
  const asked = [bench.lists.length, bench.watches.length];
  await bench.stop();
  await passTime(bench.clock, 600_000);
  expect([bench.lists.length, bench.watches.length]).toEqual(asked);
  expect(bench.manager.isReady()).toBe(false);
});

test('T11: a manifest arrives as it was written, whatever its fields are called', async () => {
  const kube = createSimulatedKube({ kinds: [POLICY] });
  const spec = {
    podSelector: {},
    ingress: [{ from: [{ podSelector: { matchLabels: { app: 'worker' } } }] }],
    _from: 'kept as well',
    fieldOfTomorrow: { deep: [1, null, 'x'] },
  };
  const policy = { apiVersion: POLICY.apiVersion, kind: POLICY.kind, spec };
  for (const write of ['apply', 'create'] as const) {
    const object = { ...policy, metadata: { namespace: 'n', name: write } };
    if (write === 'apply') await kube.client.apply(object, { fieldManager: 'ours' });
    else await kube.client.create(object);
    const sent = kube.server.writes.at(-1)?.body ?? '';
    expect(JSON.parse(sent)).toEqual(object);
    expect((await kube.client.find(POLICY, object.metadata))?.['spec']).toEqual(spec);
  }
});

test('T12: watches ask for bookmarks and an end, and lists come in pages', async () => {
  const bench = startBench();
  await passTime(bench.clock, 1_000);
  const [watch] = bench.watches;
  expect(watch?.get('allowWatchBookmarks')).toBe('true');
  const timeout = Number(watch?.get('timeoutSeconds'));
  expect(timeout).toBeGreaterThanOrEqual(300);
  expect(timeout).toBeLessThan(600);
  const { store } = bench.kube.server;
  for (let index = 0; index < 1_200; index += 1) {
    const key = store.key(THING.apiVersion, THING.plural, { namespace: 'n', name: `t-${index}` });
    const metadata = { namespace: 'n', name: `t-${index}` };
    store.insert(key, THING.apiVersion, THING.plural, { ...THING_TYPE, metadata });
  }
  bench.lists.length = 0;
  bench.kube.server.dropWatches({ isGone: true });
  await passTime(bench.clock, 1_000);
  expect(bench.lists.map((query) => query.get('limit'))).toEqual(['500', '500', '500']);
  expect(bench.manager.cache.list(THING)).toHaveLength(1_200);
  await bench.stop();
});

test('a late bookmark leads no watch back', async () => {
  const bench = startBench();
  await bench.put('a');
  await passTime(bench.clock, 400_000);
  const { metadata } = await bench.put('b');
  await passTime(bench.clock, 30_000);
  bench.kube.server.dropWatches({ client: 'operator' });
  await passTime(bench.clock, 1_000);
  expect(Number(bench.watches.at(-1)?.get('resourceVersion'))).toBeGreaterThanOrEqual(
    Number(metadata.resourceVersion),
  );
  await bench.stop();
});

test('what went away while a version grew too old is gone from the cache, and its key is looked at', async () => {
  const bench = startBench();
  await bench.put('a');
  await bench.put('b');
  await passTime(bench.clock, 1_000);
  bench.kube.server.cutOff('operator');
  await bench.kube.client.delete({ ...THING_TYPE, namespace: 'n', name: 'a' });
  bench.kube.server.store.compact();
  bench.seen.length = 0;
  bench.kube.server.reconnect('operator');
  await passTime(bench.clock, 10_000);
  expect(bench.lists).toHaveLength(2);
  expect(bench.manager.cache.list(THING).map(({ metadata }) => metadata.name)).toEqual(['b']);
  expect(bench.seen).toEqual([{ namespace: 'n', name: 'a' }]);
  await bench.stop();
});

test('what came and went again while a version grew too old is looked at, though no change tells of it', async () => {
  const bench = startBench({ controller: { mapped: [{ kind: POLICY, toRequests: () => [] }] } });
  await bench.put('a');
  await passTime(bench.clock, 1_000);
  bench.kube.server.cutOff('operator');
  const policy = { apiVersion: POLICY.apiVersion, kind: POLICY.kind };
  await bench.kube.client.create({ ...policy, metadata: { namespace: 'n', name: 'short' } });
  await bench.kube.client.delete({ ...policy, namespace: 'n', name: 'short' });
  bench.kube.server.store.compact();
  bench.seen.length = 0;
  bench.kube.server.reconnect('operator');
  await passTime(bench.clock, 10_000);
  expect(bench.seen).toEqual([{ namespace: 'n', name: 'a' }]);
  await bench.stop();
});

test('what stands is looked at again within the resync, and what is gone never', async () => {
  const bench = startBench({ controller: { resyncMs: 60_000 } });
  await bench.put('stays');
  await bench.put('goes');
  await passTime(bench.clock, 1_000);
  await bench.kube.client.delete({ ...THING_TYPE, namespace: 'n', name: 'goes' });
  await passTime(bench.clock, 1_000);
  bench.seen.length = 0;
  await passTime(bench.clock, 600_000);
  const names = bench.seen.map(({ name }) => name);
  expect(names.filter((name) => name === 'stays').length).toBeGreaterThanOrEqual(9);
  // The resync of the time when it stood comes once.
  expect(names.filter((name) => name === 'goes').length).toBeLessThanOrEqual(1);
  await bench.stop();
});
