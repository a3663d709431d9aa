/** What must run once in the fleet, while a Deployment replaces it or its lease fails. */
import { afterEach, describe, expect, test } from 'vitest';

import type { Hold } from '#pkg/holds';
import { createDispatcher, DISPATCHER_LEASE } from '#pkg/steps';
import type { LeaseStore } from '#pkg/store';
import { eventually } from '../harness/eventually.ts';
import { clock, makeId, startDispatcher } from './fixture/compose.ts';
import { chain } from './fixture/definitions.ts';
import { useEngine } from './fixture/index.ts';

const engine = useEngine();
const HANDOVER_MS_MAX = 500;

describe('two dispatchers side by side', () => {
  const running: AsyncDisposable[] = [];
  afterEach(async () => {
    for (const dispatcher of running.splice(0)) await dispatcher[Symbol.asyncDispose]();
  });

  test('the one that ends in order hands over, and the other leads at once', async () => {
    const first = startDispatcher(engine.parts);
    await eventually(() => expect(first.isLeader()).toBe(true));
    const second = startDispatcher(engine.parts);
    running.push(second);
    const startedMs = clock.monotonicMs();
    await first[Symbol.asyncDispose]();
    await eventually(() => expect(second.isLeader()).toBe(true));
    // Less than the second between two tries: the release itself told it.
    expect(clock.monotonicMs() - startedMs).toBeLessThan(HANDOVER_MS_MAX);
  });

  test('one that was frozen past its lease finds a new epoch, and what it does then changes nothing', async () => {
    await engine.startWorker('nyx');
    const { leases } = engine.parts.store;
    const frozen = await engine.startDispatcher({ log: 'info' });
    await eventually(async () => expect(await leases.find(DISPATCHER_LEASE)).toBeDefined());
    await eventually(async () =>
      expect((await leases.find(DISPATCHER_LEASE))?.remainingMs).toBeGreaterThan(0),
    );
    const before = await leases.find(DISPATCHER_LEASE);
    // Frozen in the midst of admitting: what it has decided is on its way.
    const crowd = submitChains(150);
    await eventually(async () => expect((await admitted()).length).toBeGreaterThan(0));
    frozen.signal('SIGSTOP');
    const submissions = await crowd;
    let holds: readonly Hold[] = [PAUSE];
    const second = startDispatcher(engine.parts, () => Promise.resolve(holds));
    running.push(second);
    await eventually(() => expect(second.isLeader()).toBe(true), { limitMs: 10_000 });
    const during = [...submissions, ...(await submitChains(20))];
    await eventually(async () => expect(await unheld()).toEqual([]));
    const admittedBefore = await admitted();
    frozen.signal('SIGCONT');
    await eventually(() => expect(frozen.output()).toContain('lease given up'));
    const later = await submitChains(20);
    await eventually(async () => expect(await unheld()).toEqual([]));
    expect(await admitted()).toEqual(admittedBefore);
    holds = [];
    for (const { workflowId } of [...during, ...later]) {
      const tree = await engine.ended(workflowId, 30_000);
      expect(tree.steps.map(({ epoch }) => epoch)).toEqual([1, 1, 1]);
    }
    expect(second.isLeader()).toBe(true);
    expect((await leases.find(DISPATCHER_LEASE))?.epoch).toBe((before?.epoch ?? 0) + 1);
    expect(frozen.isRunning()).toBe(true);
    frozen.signal('SIGKILL');
    await frozen.exited;
  }, 40_000);

  test('those that believe to lead, though another one has the lease, change nothing: a pause that only that one knows holds', async () => {
    await engine.startWorker('eos');
    await engine.startWorker('iris');
    let holds: readonly Hold[] = [PAUSE];
    const leading = startDispatcher(engine.parts, () => Promise.resolve(holds));
    running.push(leading);
    await eventually(() => expect(leading.isLeader()).toBe(true), { limitMs: 10_000 });
    const believers = [startBeliever(), startBeliever(), startBeliever()];
    running.push(...believers);
    const earlier = (await engine.events()).length;
    const submissions = await submitChains(60);
    await eventually(async () => expect(await unheld()).toEqual([]));
    const triesBefore = believers.map(({ tries }) => tries());
    for (const [at, { tries }] of believers.entries()) {
      await eventually(() => expect(tries()).toBeGreaterThan(triesBefore[at] ?? Infinity), {
        limitMs: 10_000,
      });
    }
    for (const { workflowId } of submissions) {
      const tree = await engine.parts.store.steps.findTree(workflowId);
      expect(tree?.workflow).toMatchObject({ state: 'submitted', reason: 'FleetPaused' });
    }
    holds = [];
    for (const { workflowId } of submissions) {
      const tree = await engine.ended(workflowId, 30_000);
      expect(tree.workflow.state).toBe('completed');
      expect(tree.steps.map(({ epoch }) => epoch)).toEqual([1, 1, 1]);
    }
    const ran = (await engine.events()).filter(({ kind }) => kind === 'Noted');
    expect(ran.length).toBe(earlier + 180);
  }, 60_000);
});

const PAUSE: Hold = {
  scope: { kind: 'fleet' },
  source: 'person',
  owner: 'test',
  reason: 'FleetPaused',
  why: 'a test',
  sinceMs: 0,
};

/** Ids of the workflows that were ever admitted. */
async function admitted(): Promise<readonly string[]> {
  const rows = await engine.parts.store.steps.listWorkflows({ limit: 10_000 });
  return rows.filter(({ admittedAtMs }) => admittedAtMs !== undefined).map((row) => row.id);
}

/** Submitted workflows of which nobody has said yet why they wait. */
function unheld() {
  return engine.parts.store.steps.listSubmitted(1_000, { isHeld: false });
}

function submitChains(count: number) {
  return Promise.all(Array.from({ length: count }, () => engine.parts.submit(chain, 3)));
}

/** A dispatcher to which the lease is granted whoever holds it. */
function startBeliever(): AsyncDisposable & { readonly tries: () => number } {
  const { store, queues, signals, logger } = engine.parts;
  const leases: LeaseStore = {
    find: (name) => store.leases.find(name),
    acquire: async (name, holder, ttlMs) => ({ name, holder, epoch: 1, remainingMs: ttlMs }),
    release: async () => undefined,
  };
  let rounds = 0;
  const dispatcher = createDispatcher({
    store: { steps: store.steps, leases, events: store.events },
    queues,
    signals,
    logger,
    clock,
    holder: `believer-${makeId()}`,
    gate: async () => {
      rounds += 1;
      return [];
    },
  });
  return {
    tries: () => rounds,
    [Symbol.asyncDispose]: () => dispatcher[Symbol.asyncDispose](),
  };
}
