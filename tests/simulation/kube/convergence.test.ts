/**
 * Two replicas of a small operator against a failing API server, under a seed.
 *
 * People create, change, drift and delete while lists expire, watches break or hang, replies are lost, writes conflict and
 * processes freeze: one that does not know yet that its lease is over writes on under its old epoch.
 * When the faults end, the world is what the objects say, and nobody wrote under another one's epoch.
 *
 * The suite draws SEEDS_DRAWN seeds from the day; `KRAITE_SEEDS=10000 npx vitest run --project simulation convergence`
 * runs that many from 0 on, and `KRAITE_SEED=17` runs one.
 */
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';

import {
  createManualClock,
  createSeededRandom,
  required,
  type ManualClock,
  type Random,
} from '#pkg/base';
import { createSilentLogger } from '#pkg/observability';
import { applyOwned, controllerReference, createManager, type KubeObject } from '#operator/runtime';
import { createFreezableClock, type FreezableClock } from './freezable-clock.ts';
import { createSeededFaults, createSimulatedKube, type SimulatedKube } from './index.ts';
import { CONFIG_MAP as CHILD, EVENT, LEASE, PARENT } from './kinds.ts';

const SEEDS_DRAWN = 200;
const REPLICAS = ['a', 'b'] as const;
const TROUBLE_MS = 90_000;
/** After the faults: a lease may still have to expire, a silent watch to be noticed, a back-off to end. */
const CALM_MS = 400_000;
const WATCH_REST_MS = 45_000;
const STEP_MS = 100;
const RATES = {
  tooMany: 0.03,
  unavailable: 0.05,
  conflict: 0.05,
  lostUndone: 0.04,
  lostDone: 0.06,
  slow: 0.08,
  slowMsMax: 12_000,
  watchDrop: 0.4,
  watchGone: 0.2,
  listGone: 0.2,
};

interface World {
  readonly clock: ManualClock;
  readonly kube: SimulatedKube;
  /** Of the replicas. */
  readonly clocks: ReadonlyMap<string, FreezableClock>;
  readonly random: Random;
  /** Which replica wrote under which epoch. */
  readonly writers: Map<string, Set<string>>;
  /** What people want: name to text. */
  readonly wanted: Map<string, string>;
}

function createWorld(seed: number): World {
  const clock = createManualClock();
  const random = createSeededRandom(`world-${seed}`);
  const writers = new Map<string, Set<string>>();
  const kube = createSimulatedKube({
    clock,
    random,
    kinds: [PARENT, CHILD, LEASE, EVENT],
    admit: (object) => {
      const data = object['data'] as Readonly<Record<string, string>> | undefined;
      if (object['kind'] !== 'ConfigMap' || data?.['epoch'] === undefined) return;
      const { epoch, by } = data;
      writers.set(epoch, (writers.get(epoch) ?? new Set()).add(by ?? ''));
    },
  });
  const clocks = new Map(REPLICAS.map((name) => [name, createFreezableClock(clock)]));
  return { clock, clocks, kube, random, writers, wanted: new Map() };
}

/** Runs one replica, and starts it again when it lost its lease, as Kubernetes does with a process that ended. */
async function runReplica(world: World, name: string, stop: AbortSignal): Promise<void> {
  const { clocks, kube, random } = world;
  const clock = required(clocks.get(name), 'each replica has a clock');
  for (let life = 1; !stop.aborted; life += 1) {
    const identity = `${name}-${life}`;
    const client = kube.connect(name);
    const manager = createManager({
      name: 'test-operator',
      namespace: 'n',
      identity,
      client,
      clock,
      random,
      logger: createSilentLogger(),
      graceMs: 1_000,
      onLeaseLost: () => undefined,
    });
    manager.add({
      name: 'parent',
      watched: PARENT,
      owned: [CHILD],
      concurrency: 2,
      reconciler: {
        reconcile: async ({ namespace, name: parentName }, signal) => {
          const parent = manager.cache.find(PARENT, { namespace, name: parentName });
          const epoch = manager.epoch();
          if (parent === undefined || epoch === undefined) return { kind: 'settled' };
          const child: KubeObject = {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: {
              namespace,
              name: parentName,
              ownerReferences: [controllerReference(parent)],
            },
            data: { text: String(parent['spec']), epoch: String(epoch), by: identity },
          };
          await applyOwned(child, manager.cache.find(CHILD, child.metadata), {
            client,
            fieldManager: 'test',
            hashAnnotation: 'test.example/hash',
            signal,
          });
          return { kind: 'settled' };
        },
      },
    });
    await manager.run(stop);
    await clock.sleep(1_000, stop);
  }
}

/** What people do at one moment. Their own calls never fail: it is the operator's that are tried. */
async function actAsPeople({ kube, random, wanted }: World): Promise<void> {
  const name = `p${random.integer(4)}`;
  const { faults } = kube.server;
  kube.server.faults = undefined;
  const at = { namespace: 'n', name };
  switch (random.integer(4)) {
    case 0:
      wanted.delete(name);
      await kube.client.delete({ apiVersion: PARENT.apiVersion, kind: PARENT.kind, ...at });
      break;
    case 1: {
      const child = await kube.client.find(CHILD, at);
      if (child === undefined) break;
      const ref = { apiVersion: CHILD.apiVersion, kind: CHILD.kind, ...at };
      const drift = random.next() < 0.5 ? { text: 'drifted' } : { epoch: null };
      if (random.next() < 0.5) await kube.client.delete(ref);
      else await kube.client.mergePatch(ref, { data: drift });
      break;
    }
    default: {
      const text = `text-${random.integer(1_000)}`;
      wanted.set(name, text);
      await kube.client.apply(
        { apiVersion: PARENT.apiVersion, kind: PARENT.kind, metadata: at, spec: text },
        { fieldManager: 'person' },
      );
    }
  }
  kube.server.faults = faults;
}

async function advance({ clock, kube }: World, durationMs: number): Promise<void> {
  for (let passed = 0; passed < durationMs; passed += STEP_MS) {
    clock.advance(STEP_MS);
    if (passed % 1_000 === 0) kube.server.store.collectGarbage();
    // One turn of the event loop runs every promise that is ready.
    await setImmediate();
  }
}

async function run(seed: number): Promise<void> {
  const world = createWorld(seed);
  const { clocks, kube, random, writers, wanted } = world;
  const stop = new AbortController();
  kube.server.faults = createSeededFaults(random, RATES);
  const replicas = REPLICAS.map((name) => runReplica(world, name, stop.signal));
  for (let passed = 0; passed < TROUBLE_MS; passed += 1_000) {
    if (random.next() < 0.3) await actAsPeople(world);
    if (random.next() < 0.02) kube.server.cutOff(random.next() < 0.5 ? 'a' : 'b');
    if (random.next() < 0.02) clocks.get(random.next() < 0.5 ? 'a' : 'b')?.freeze();
    if (random.next() < 0.05) {
      if (random.next() < 0.5) kube.server.store.compact();
      heal(world);
    }
    await advance(world, 1_000);
  }
  kube.server.faults = undefined;
  if (random.next() < 0.5) kube.server.store.compact();
  heal(world);
  const read = async (): Promise<ReadonlyMap<string, unknown>> => {
    const children = await kube.client.list(CHILD, { namespace: 'n' });
    return new Map(
      children.map(({ metadata, data }) => [
        metadata.name,
        (data as Readonly<Record<string, string>>)['text'],
      ]),
    );
  };
  // Until then a watch may rest after its failures, and its cache be old.
  await advance(world, WATCH_REST_MS);
  const isDone = async (): Promise<boolean> => sorted(await read()) === sorted(wanted);
  for (let passed = 0; passed < CALM_MS; passed += 5_000) {
    await advance(world, 5_000);
    if (await isDone()) break;
  }
  // It must also stay so.
  await advance(world, 20_000);
  kube.server.store.collectGarbage();
  const found = sorted(await read());
  stop.abort(new Error('the run ends'));
  await advance(world, 40_000);
  await Promise.all(replicas);
  expect(found, `seed ${seed}`).toBe(sorted(wanted));
  for (const [epoch, names] of writers) {
    expect([...names], `seed ${seed}: writers of epoch ${epoch}`).toHaveLength(1);
  }
}

function heal({ clocks, kube }: World): void {
  for (const name of REPLICAS) {
    kube.server.reconnect(name);
    clocks.get(name)?.thaw();
  }
}

function sorted(map: ReadonlyMap<string, unknown>): string {
  return JSON.stringify([...map].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function seedsToRun(): readonly number[] {
  const { KRAITE_SEED: one, KRAITE_SEEDS: many } = process.env;
  if (one !== undefined) return [Number(one)];
  if (many !== undefined) return Array.from({ length: Number(many) }, (_, index) => index);
  const random = createSeededRandom(`${process.pid} ${process.hrtime.bigint()}`);
  return Array.from({ length: SEEDS_DRAWN }, () => random.integer(1_000_000));
}

test(
  'whatever fails, the world comes to what the objects say, and no two replicas write in one epoch',
  { timeout: 3_600_000 },
  async () => {
    for (const seed of seedsToRun()) await run(seed);
  },
);
