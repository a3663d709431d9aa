/** What must run once in the fleet, while a Deployment replaces it or its lease fails. */
import { afterEach, describe, expect, test } from 'vitest';

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
    const frozen = await engine.startDispatcher();
    await eventually(async () => expect(await leases.find(DISPATCHER_LEASE)).toBeDefined());
    await eventually(async () =>
      expect((await leases.find(DISPATCHER_LEASE))?.remainingMs).toBeGreaterThan(0),
    );
    const before = await leases.find(DISPATCHER_LEASE);
    frozen.signal('SIGSTOP');
    const second = startDispatcher(engine.parts);
    running.push(second);
    await eventually(() => expect(second.isLeader()).toBe(true), { limitMs: 10_000 });
    const during = await submitChains(20);
    frozen.signal('SIGCONT');
    for (const { workflowId } of [...during, ...(await submitChains(20))]) {
      const tree = await engine.ended(workflowId);
      expect(tree.steps.map(({ epoch }) => epoch)).toEqual([1, 1, 1]);
    }
    expect(second.isLeader()).toBe(true);
    expect((await leases.find(DISPATCHER_LEASE))?.epoch).toBe((before?.epoch ?? 0) + 1);
    expect(frozen.isRunning()).toBe(true);
    frozen.signal('SIGKILL');
    await frozen.exited;
  }, 40_000);

  test('both believe to lead, as after a failed lease: each workflow is admitted once and each step runs once', async () => {
    await engine.startWorker('eos');
    await engine.startWorker('iris');
    running.push(startBeliever(), startBeliever(), startBeliever());
    const earlier = (await engine.events()).length;
    const submissions = await submitChains(60);
    for (const { workflowId } of submissions) {
      const tree = await engine.ended(workflowId, 30_000);
      expect(tree.workflow.state).toBe('completed');
      expect(tree.steps.map(({ epoch }) => epoch)).toEqual([1, 1, 1]);
    }
    const ran = (await engine.events()).filter(({ kind }) => kind === 'Noted');
    expect(ran.length).toBe(earlier + 180);
  });
});

function submitChains(count: number) {
  return Promise.all(Array.from({ length: count }, () => engine.parts.submit(chain, 3)));
}

/** A dispatcher to which the lease is granted whoever holds it. */
function startBeliever(): AsyncDisposable {
  const { store, queues, signals, logger } = engine.parts;
  const leases: LeaseStore = {
    find: (name) => store.leases.find(name),
    acquire: async (name, holder, ttlMs) => ({ name, holder, epoch: 1, remainingMs: ttlMs }),
    release: async () => undefined,
  };
  return createDispatcher({
    store: { steps: store.steps, leases, events: store.events },
    queues,
    signals,
    logger,
    clock,
    holder: `believer-${makeId()}`,
    gate: () => Promise.resolve([]),
  });
}
