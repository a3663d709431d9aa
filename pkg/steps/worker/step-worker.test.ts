import { Type } from 'typebox';
import { describe, expect, test } from 'vitest';

import { createIdMaker, createManualClock, createSeededRandom, type Reason } from '#pkg/base';
import { id, type AccountId, type BoxName } from '#pkg/domain';
import { createSilentLogger } from '#pkg/observability';
import { createMemoryQueues, createMemorySignals } from '#pkg/queues';
import { createMemoryStore } from '#pkg/store';
import {
  defineStep,
  defineWorkflow,
  implementStep,
  planStep,
  type PlannedStep,
  type StepHandler,
} from '../definition.ts';
import { createDispatcher } from '../dispatcher/dispatcher.ts';
import { createSubmitter } from '../submit.ts';
import { createStepWorker, type WorkerOrders } from './step-worker.ts';

const steps = defineWorkflow<readonly PlannedStep[]>({
  name: 'steps',
  isProtective: false,
  steps: (planned) => planned,
});
const anything = { arguments: Type.Unknown(), response: Type.Unknown() };
const work = defineStep({ name: 'work', lane: 'positions', ...anything });
const more = defineStep({ name: 'more', lane: 'positions', ...anything });
const pinned = defineStep({ name: 'pinned', lane: 'own', ...anything });

const ORDERS: WorkerOrders = {
  generation: 1,
  isDraining: false,
  lanes: [
    { lane: 'positions', slots: 2 },
    { lane: 'own', slots: 1 },
  ],
};
const ok = async () => ({ kind: 'completed', response: null }) as const;
const onThisBox = { box: id<BoxName>('eos') };

/** A handler that runs until it is let go. */
function held() {
  const waiting: (() => void)[] = [];
  return {
    run: async () => {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
      });
      return { kind: 'completed', response: null } as const;
    },
    letGo: () => waiting.shift()?.(),
  };
}

/** One worker and one dispatcher in memory, on a clock that stands still. */
async function setUp(handlers: readonly StepHandler[], gate?: () => Reason | undefined) {
  const clock = createManualClock();
  const logger = createSilentLogger();
  const random = createSeededRandom(1);
  const makeId = createIdMaker(clock, random);
  const store = createMemoryStore({ clock });
  const queues = createMemoryQueues({ logger });
  const signals = createMemorySignals();
  const submit = createSubmitter({ steps: store.steps, signals, clock, makeId, logger });
  const worker = createStepWorker(
    {
      store,
      queues,
      signals,
      handlers,
      clock,
      random,
      makeId,
      logger,
      box: id<BoxName>('eos'),
      workerId: 'eos-1',
      process: { name: 'eos-worker', pid: 1, version: '0.1.0' },
      gate: () => gate?.(),
    },
    ORDERS,
  );
  const dispatcher = createDispatcher({
    store,
    queues,
    signals,
    logger,
    clock,
    holder: 'athena-1',
    gate: () => Promise.resolve(undefined),
  });
  const pass = async (durationMs: number): Promise<void> => {
    for (let leftMs = durationMs; leftMs >= 0; leftMs -= 50) {
      clock.advance(Math.min(50, leftMs));
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
  };
  await worker.start();
  await pass(0);
  const run = async (planned: readonly PlannedStep[], forMs = 1_000) => {
    const { workflowId } = await submit(steps, planned, { accountId: id<AccountId>('a1') });
    await pass(forMs);
    const tree = await store.steps.findTree(workflowId);
    if (tree === undefined) throw new Error('no tree');
    return tree;
  };
  return { clock, store, queues, signals, submit, worker, dispatcher, pass, run };
}

describe('a worker', () => {
  test('runs the steps of a workflow and gives each the responses before it', async () => {
    const { run } = await setUp([
      implementStep(work, async () => ({ kind: 'completed', response: { found: 7 } })),
      implementStep(more, async ({ responseOf, accountId }) => ({
        kind: 'completed',
        response: [responseOf(work), accountId],
      })),
    ]);
    const tree = await run([
      planStep(work, null, { index: 1 }),
      planStep(more, null, { index: 2 }),
    ]);
    expect(tree.workflow.state).toBe('completed');
    expect(JSON.parse(tree.steps[1]?.response ?? '')).toEqual([{ found: 7 }, 'a1']);
  });

  test('fails a step whose response breaks its schema, without a retry', async () => {
    const strict = defineStep({
      name: 'strict',
      lane: 'positions',
      arguments: Type.Null(),
      response: Type.Object({ price: Type.String() }),
    });
    const { run } = await setUp([
      implementStep(strict, async () => ({
        kind: 'completed',
        response: { price: 7 } as unknown as { price: string },
      })),
    ]);
    const tree = await run([planStep(strict, null, { index: 1 })]);
    expect(tree.workflow.state).toBe('failed');
    expect(tree.steps[0]?.error).toContain('its response does not match its schema: /price');
  });

  test('repeats only the confirmation of a deed, and the response of the deed stays', async () => {
    const calls: string[] = [];
    const { run } = await setUp([
      implementStep(
        work,
        async () => {
          calls.push('deed');
          return { kind: 'confirming', response: { order: 7 }, afterMs: 100 };
        },
        async ({ attempt }, _args, response) => {
          calls.push(`confirm ${JSON.stringify(response)} attempt ${attempt}`);
          if (calls.length === 2) return { kind: 'confirming', response: 'later', afterMs: 100 };
          if (calls.length === 3) throw new Error('not found yet');
          return { kind: 'completed', response: 'another' };
        },
      ),
    ]);
    const tree = await run([planStep(work, null, { index: 1 })], 8_000);
    expect(tree.workflow.state).toBe('completed');
    expect(tree.steps[0]).toMatchObject({ response: '{"order":7}', attempts: 1, deferrals: 2 });
    const deed = 'confirm {"order":7} attempt';
    expect(calls).toEqual(['deed', `${deed} 1`, `${deed} 1`, `${deed} 2`]);
  });

  const wrongs: readonly (readonly [string, () => unknown, string])[] = [
    ['nothing', () => undefined, 'returned no outcome'],
    ['an unknown outcome', () => ({ kind: 'paused' }), 'returned an unknown outcome'],
    [
      'a deferral to no instant',
      () => ({ kind: 'deferred', untilMs: Number.NaN, reason: 'AwaitingFill' }),
      'deferred until NaN',
    ],
    [
      'a confirmation that it cannot make',
      () => ({ kind: 'confirming', response: null, afterMs: 1 }),
      'has no `confirm`',
    ],
  ];
  test.each(wrongs)('fails a step that returns %s, without a retry', async (_name, make, text) => {
    const { run } = await setUp([implementStep(work, async () => make() as never)]);
    const tree = await run([planStep(work, null, { index: 1 })]);
    expect(tree.steps[0]).toMatchObject({ state: 'failed', attempts: 1 });
    expect(tree.steps[0]?.error).toContain(text);
  });

  test('counts what a handler throws as a failure, also when it is no error', async () => {
    const { run } = await setUp([
      implementStep(work, async ({ attempt }) => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- what a foreign library may do
        if (attempt === 1) throw 'a word';
        return { kind: 'completed', response: null };
      }),
    ]);
    const tree = await run([planStep(work, null, { index: 1 })], 2_000);
    expect(tree.steps[0]).toMatchObject({ state: 'completed', attempts: 1 });
    expect(tree.steps[0]?.error).toContain('a non-error was thrown: a word');
  });

  test('fails a step that expands into what could never run, naming workflow and step', async () => {
    const { run } = await setUp([
      implementStep(work, async () => ({
        kind: 'expanded',
        children: [planStep(more, null, { index: 2 })],
      })),
    ]);
    const tree = await run([planStep(work, null, { index: 1 })]);
    expect(tree.steps[0]?.state).toBe('failed');
    expect(tree.steps[0]?.error).toContain(
      'workflow steps, step more: index 2 has no predecessor at 1',
    );
  });

  test('takes back a slot from a handler that never returns, and counts it as a failure', async () => {
    const stuck = defineStep({
      name: 'stuck',
      lane: 'positions',
      timeoutMs: 500,
      retry: { attemptsMax: 1 },
      ...anything,
    });
    const { run } = await setUp([implementStep(stuck, () => new Promise(() => undefined))]);
    const tree = await run([planStep(stuck, null, { index: 1 })], 3_000);
    expect(tree.steps[0]).toMatchObject({ state: 'failed', reason: 'StepTimedOut', attempts: 1 });
  });

  test('survives a handler that throws what is no error', async () => {
    const { run } = await setUp([
      implementStep(work, () => {
        // oxlint-disable-next-line typescript/only-throw-error
        throw 'a string';
      }),
    ]);
    const tree = await run([planStep(work, null, { index: 1 })], 200);
    expect(tree.steps[0]).toMatchObject({ state: 'delayed', attempts: 1 });
    expect(tree.steps[0]?.error).toContain('a string');
  });

  test('leaves a step whose version it does not know', async () => {
    const { run } = await setUp([
      implementStep({ ...work, version: 1 }, async () => ({ kind: 'completed', response: null })),
    ]);
    const tree = await run([planStep({ ...work, version: 2 }, null, { index: 1 })]);
    expect(tree.steps[0]?.state).toBe('ready');
  });

  test('takes nothing while its gate gives a reason, which its heartbeat shows', async () => {
    let reason: Reason | undefined = 'AddressBudgetSpent';
    const { run, pass, store } = await setUp(
      [implementStep(work, async () => ({ kind: 'completed', response: null }))],
      () => reason,
    );
    const tree = await run([planStep(work, null, { index: 1 })]);
    expect(tree.steps[0]?.state).toBe('ready');
    expect(await store.workers.list()).toMatchObject([{ state: 'gated', reason }]);
    reason = undefined;
    await pass(500);
    expect((await store.steps.findTree(tree.workflow.id))?.workflow.state).toBe('completed');
  });

  test('that drains takes nothing more and finishes what runs', async () => {
    let finish: () => void = () => undefined;
    const { submit, worker, pass, store } = await setUp([
      implementStep(work, async () => {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        return { kind: 'completed', response: null };
      }),
      implementStep(more, async () => ({ kind: 'completed', response: null })),
    ]);
    const { workflowId } = await submit(steps, [
      planStep(work, null, { index: 1 }),
      planStep(more, null, { index: 2 }),
    ]);
    await pass(200);
    let isDrained = false;
    const drained = worker.drain().then(() => {
      isDrained = true;
    });
    await pass(200);
    expect(isDrained).toBe(false);
    finish();
    await pass(200);
    await drained;
    const tree = await store.steps.findTree(workflowId);
    expect(tree?.steps.map((step) => step.state)).toEqual(['completed', 'ready']);
    expect(await store.workers.list()).toMatchObject([
      { state: 'draining', reason: 'BoxDraining' },
    ]);
  });

  test('that drains goes on with ready steps of its own lane, which can run nowhere else', async () => {
    const first = held();
    const { submit, worker, pass, store } = await setUp([
      implementStep(work, ok),
      implementStep(pinned, first.run),
    ]);
    const own = await submit(steps, [
      planStep(pinned, null, { index: 1, ...onThisBox }),
      planStep(pinned, null, { index: 1, ...onThisBox }),
    ]);
    await pass(200);
    let isDrained = false;
    const drained = worker.drain().then(() => {
      isDrained = true;
    });
    const { workflowId } = await submit(steps, [planStep(work, null, { index: 1 })]);
    await pass(200);
    expect(worker.facts()).toMatchObject({ isDraining: true, isDrained: false });
    first.letGo();
    await pass(200);
    expect([isDrained, worker.running().length]).toEqual([false, 1]);
    first.letGo();
    await pass(200);
    await drained;
    expect(worker.facts().isDrained).toBe(true);
    expect((await store.steps.findTree(own.workflowId))?.workflow.state).toBe('completed');
    expect((await store.steps.findTree(workflowId))?.steps[0]?.state).toBe('ready');
  });

  test('is drained no more while a pinned step that came later runs', async () => {
    const late = held();
    const { submit, worker, pass } = await setUp([implementStep(pinned, late.run)]);
    await worker.drain();
    expect(worker.facts().isDrained).toBe(true);
    await submit(steps, [planStep(pinned, null, { index: 1, ...onThisBox })]);
    await pass(200);
    expect(worker.facts().isDrained).toBe(false);
    late.letGo();
    await pass(200);
    expect(worker.facts().isDrained).toBe(true);
  });

  test('drains by its orders as by a call, and new orders take back only the first', async () => {
    const { worker, pass, run } = await setUp([implementStep(work, ok)]);
    worker.apply({ ...ORDERS, generation: 2, isDraining: true });
    await pass(0);
    expect(worker.facts()).toMatchObject({ generation: 2, isDraining: true, isDrained: true });
    expect((await run([planStep(work, null, { index: 1 })])).steps[0]?.state).toBe('ready');
    worker.apply({ ...ORDERS, generation: 3 });
    await pass(200);
    expect(worker.facts()).toMatchObject({ generation: 3, isDraining: false, isDrained: false });
    expect((await run([planStep(work, null, { index: 1 })])).steps[0]?.state).toBe('completed');
    await worker.drain();
    worker.apply({ ...ORDERS, generation: 4 });
    await pass(200);
    expect(worker.facts()).toMatchObject({ generation: 4, isDraining: true, isDrained: true });
  });

  test('that finishes takes nothing at all, its own lane included', async () => {
    const last = held();
    const { submit, worker, pass, store } = await setUp([implementStep(pinned, last.run)]);
    const { workflowId } = await submit(steps, [
      planStep(pinned, null, { index: 1, ...onThisBox }),
      planStep(pinned, null, { index: 1, ...onThisBox }),
    ]);
    await pass(200);
    const finished = worker.finish();
    last.letGo();
    await pass(200);
    await finished;
    const tree = await store.steps.findTree(workflowId);
    expect(tree?.steps.map((step) => step.state).toSorted()).toEqual(['completed', 'ready']);
  });

  test('shows its lanes with their slots before it took anything', async () => {
    const { worker } = await setUp([]);
    expect(worker.facts().lanes).toEqual([
      { lane: 'positions', slots: 2, busy: 0, reason: undefined },
      { lane: 'own', slots: 1, busy: 0, reason: undefined },
    ]);
  });

  test('a step that submits further work submits it once, however often it runs', async () => {
    let runs = 0;
    const { run, store } = await setUp([
      implementStep(work, async ({ submit }) => {
        await submit(steps, [planStep(more, null, { index: 1 })]);
        runs += 1;
        if (runs < 3) throw new Error('after the submit');
        return { kind: 'completed', response: null };
      }),
      implementStep(more, async () => ({ kind: 'completed', response: null })),
    ]);
    await run([planStep(work, null, { index: 1 })], 10_000);
    const workflows = await store.steps.listWorkflows({ limit: 9 });
    expect(runs).toBe(3);
    expect(workflows).toHaveLength(2);
    expect(workflows.map((row) => row.accountId)).toEqual(['a1', 'a1']);
  });
});
