/** What went wrong in the fleet that came before, as facts that must hold; the others stand in `docs/internals/engine.md`. */
import { expect, test } from 'vitest';

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
