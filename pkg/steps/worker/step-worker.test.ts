import { Type } from 'typebox';
import { describe, expect, test } from 'vitest';

import type { Reason } from '#pkg/base';
import { id, type BoxName } from '#pkg/domain';
import { defineStep, implementStep, planStep } from '../definition.ts';
import { anything, more, ORDERS, pinned, setUp, steps, work } from './worker-testing.ts';

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
