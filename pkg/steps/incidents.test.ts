/** What went wrong in the fleet that came before, as facts that must hold; the others stand in `docs/internals/engine.md`. */
import { expect, test } from 'vitest';

import { id, type AccountId } from '#pkg/domain';
import { implementStep, planStep } from './definition.ts';
import { more, setUp, steps, work } from './worker/worker-testing.ts';

test('a flood of ordinary steps delays an urgent one by no more than the steps that run', async () => {
  const order: string[] = [];
  const { submit, pass } = await setUp([
    implementStep(work, async ({ clock }, name) => {
      order.push(String(name));
      await clock.sleep(100);
      return { kind: 'completed', response: null };
    }),
  ]);
  for (let number = 1; number <= 100; number += 1) {
    await submit(steps, [planStep(work, `ordinary ${number}`, { index: 1 })]);
  }
  await pass(100);
  const before = order.length;
  await submit(steps, [planStep(work, 'urgent', { index: 1 })], { isUrgent: true });
  await pass(500);
  // Two slots: what runs now, and at most one more that each had taken when the urgent step was admitted.
  expect(order.indexOf('urgent')).toBeLessThanOrEqual(before + 2);
  expect(order.length).toBeGreaterThan(before);
});

test('children, and work that a step submits in a retry, are as urgent as their workflow', async () => {
  const { store, submit, pass } = await setUp([
    implementStep(work, async () => ({
      kind: 'expanded',
      children: [planStep(more, null, { index: 1 })],
    })),
    implementStep(more, async (context) => {
      await context.submit(steps, [planStep(more, 'submitted', { index: 1 })]);
      if (context.attempt === 1) throw new Error('once');
      return { kind: 'completed', response: null };
    }),
  ]);
  const asked = { isUrgent: true };
  const { workflowId } = await submit(steps, [planStep(work, null, { index: 1 })], asked);
  await pass(400);
  const tree = await store.steps.findTree(workflowId);
  expect(tree?.steps.map(({ name, isUrgent }) => [name, isUrgent])).toEqual([
    ['work', true],
    ['more', true],
  ]);
  const workflows = await store.steps.listWorkflows({ limit: 10 });
  expect(workflows.length).toBeGreaterThan(1);
  expect(workflows.every(({ isUrgent }) => isUrgent)).toBe(true);
});

test('a step that the workers of this release do not know waits for one that does, and holds nobody up', async () => {
  const { store, submit, pass } = await setUp([
    implementStep(work, async () => ({ kind: 'completed', response: null })),
  ]);
  const unknown = await submit(steps, [planStep(more, null, { index: 1 })]);
  const known = await submit(steps, [planStep(work, null, { index: 1 })]);
  await pass(500);
  const states = await Promise.all(
    [unknown, known].map(async ({ workflowId }) => {
      const tree = await store.steps.findTree(workflowId);
      return tree?.steps[0]?.state;
    }),
  );
  expect(states).toEqual(['ready', 'completed']);
});

test('among greedy workflows and accounts nobody starves: each ends within its turn', async () => {
  const ended: string[] = [];
  const { submit, pass } = await setUp([
    implementStep(work, async (context, name) => {
      await context.clock.sleep(50);
      ended.push(String(name));
      return { kind: 'completed', response: null };
    }),
    // Keeps its account busy for ever: each one submits the next before it ends.
    implementStep(more, async (context, depth) => {
      await context.clock.sleep(50);
      await context.submit(steps, [planStep(more, Number(depth) + 1, { index: 1 })]);
      ended.push('greedy');
      return { kind: 'completed', response: null };
    }),
  ]);
  const greedy = { accountId: id<AccountId>('greedy') };
  for (let number = 0; number < 20; number += 1) {
    await submit(steps, [planStep(more, 0, { index: 1 })], greedy);
  }
  // One workflow of so many steps that it could keep a slot to itself.
  const long = Array.from({ length: 60 }, (_, at) => planStep(work, 'long', { index: at + 1 }));
  await submit(steps, long, greedy);
  await pass(500);
  for (const name of ['modest 1', 'modest 2', 'modest 3']) {
    await submit(steps, [planStep(work, name, { index: 1 })], {
      accountId: id<AccountId>('modest'),
    });
  }
  const before = ended.length;
  await pass(3_000);
  // Those that waited when they came go first, and a few steps of the long one.
  for (const name of ['modest 1', 'modest 2', 'modest 3']) {
    expect(ended.indexOf(name)).toBeGreaterThan(0);
    expect(ended.indexOf(name) - before).toBeLessThan(45);
  }
  expect(ended.slice(before)).toContain('greedy');
  expect(ended.slice(before)).toContain('long');
});

test('no lock outlives its holder: a lease that nobody renews is free after its seconds, a key when its workflow has failed', async () => {
  const { clock, store, submit, pass } = await setUp([
    implementStep(work, async () => ({ kind: 'failed', error: new Error('no'), retry: 'never' })),
  ]);
  await store.leases.acquire('watchdog', 'dead', 3_000);
  expect(await store.leases.acquire('watchdog', 'alive', 3_000)).toBeUndefined();
  clock.advance(3_001);
  expect(await store.leases.acquire('watchdog', 'alive', 3_000)).toMatchObject({ epoch: 2 });

  const watch = () => submit(steps, [planStep(work, null, { index: 1 })], { dedupeKey: 'watch' });
  expect((await watch()).kind).toBe('submitted');
  expect((await watch()).kind).toBe('duplicate');
  await pass(500);
  expect((await watch()).kind).toBe('submitted');
});
