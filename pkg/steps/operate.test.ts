import { expect, test } from 'vitest';

import { createSilentLogger } from '#pkg/observability';
import { implementStep, planStep } from './definition.ts';
import { actByHand } from './operate.ts';
import { setUp, steps, work } from './worker/worker-testing.ts';

const ANN = { who: 'ann', why: 'the venue is back' };

test('a retry by hand is recorded with who, when and why, and the workflow runs to its end', async () => {
  let isBroken = true;
  const { clock, store, queues, submit, pass } = await setUp([
    implementStep(work, async () =>
      isBroken
        ? { kind: 'failed', error: new Error('no venue'), retry: 'never' }
        : { kind: 'completed', response: null },
    ),
  ]);
  const { workflowId } = await submit(steps, [planStep(work, null, { index: 1 })]);
  await pass(500);
  expect((await store.steps.findTree(workflowId))?.workflow.state).toBe('failed');

  isBroken = false;
  const nowMs = clock.nowMs();
  const dependencies = { ...store, queues, clock, logger: createSilentLogger() };
  const done = await actByHand(dependencies, 'retry', { workflowId }, ANN);
  expect(done).toEqual({ kind: 'done', workflow: 'steps', ready: 1 });
  expect(await store.events.listNewest(1)).toMatchObject([
    { kind: 'RetriedByHand', atMs: nowMs, message: 'steps: retry by ann: the venue is back' },
  ]);
  await pass(500);
  expect((await store.steps.findTree(workflowId))?.workflow.state).toBe('completed');

  const again = await actByHand(dependencies, 'retry', { workflowId }, ANN);
  expect(again.kind).toBe('refused');
  expect(await store.events.listNewest(10)).toHaveLength(1);
});
