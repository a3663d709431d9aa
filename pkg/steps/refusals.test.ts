/** What could never run is refused where it is written: by whoever submits, and by the step that expands. */
import { Type } from 'typebox';
import { expect, test } from 'vitest';

import { createIdMaker, createManualClock, createSeededRandom } from '#pkg/base';
import { createSilentLogger } from '#pkg/observability';
import { createMemorySignals } from '#pkg/queues';
import { createMemoryStore } from '#pkg/store';
import {
  defineStep,
  defineWorkflow,
  implementStep,
  planStep,
  type PlannedStep,
} from './definition.ts';
import { BLOCK_DEPTH_MAX } from './plan-rows.ts';
import { createSubmitter } from './submit.ts';
import { more, setUp, work } from './worker/worker-testing.ts';

test('a process that runs no step refuses a step of which its release has no code, with workflow and step', async () => {
  const clock = createManualClock();
  const store = createMemoryStore({ clock });
  const submit = createSubmitter({
    steps: store.steps,
    signals: createMemorySignals(),
    clock,
    makeId: createIdMaker(clock, createSeededRandom(1)),
    logger: createSilentLogger(),
    known: new Set(['work@1']),
  });
  const open = defineWorkflow<readonly PlannedStep[]>({
    name: 'open-position',
    isProtective: false,
    steps: (planned) => planned,
  });
  const younger = defineStep({
    name: 'work',
    version: 2,
    lane: 'positions',
    arguments: Type.Null(),
    response: Type.Null(),
  });
  for (const [step, text] of [
    [more, 'workflow open-position, step more: no handler of this release does version 1 of it'],
    [younger, 'workflow open-position, step work: no handler of this release does version 2 of it'],
  ] as const) {
    await expect(
      submit(open, [planStep(work, null, { index: 1 }), planStep(step, null, { index: 2 })]),
    ).rejects.toThrow(text);
  }
  expect(await store.steps.listWorkflows({ limit: 9 })).toEqual([]);
  expect((await submit(open, [planStep(work, null, { index: 1 })])).kind).toBe('submitted');
});

const wrongBlocks: readonly (readonly [string, readonly PlannedStep[], string])[] = [
  ['an empty one', [], 'workflow steps, step work: its child block has no steps'],
  ['a hole in its indices', [planStep(work, null, { index: 2 })], 'has no predecessor at 1'],
  [
    'a step of which this release has no code',
    [planStep(more, null, { index: 1 })],
    'workflow steps, step more: no handler of this release does version 1 of it',
  ],
];
test.each(wrongBlocks)(
  'a step that expands into a wrong block fails at once and writes no child: %s',
  async (_name, children, text) => {
    const { run } = await setUp([
      implementStep(work, async () => ({ kind: 'expanded', children })),
    ]);
    const tree = await run([planStep(work, null, { index: 1 })]);
    expect(tree.steps).toHaveLength(1);
    expect(tree.steps[0]).toMatchObject({ state: 'failed', attempts: 1 });
    expect(tree.steps[0]?.error).toContain(text);
  },
);

test('a step that expands into itself is a cycle, and ends at the depth that blocks may have', async () => {
  const { run } = await setUp([
    implementStep(work, async () => ({
      kind: 'expanded',
      children: [planStep(work, null, { index: 1 })],
    })),
  ]);
  const tree = await run([planStep(work, null, { index: 1 })], 20_000);
  expect(tree.workflow.state).toBe('failed');
  expect(tree.steps).toHaveLength(BLOCK_DEPTH_MAX);
  expect(tree.steps.filter(({ error }) => error?.includes('nested deeper than 100'))).toHaveLength(
    1,
  );
});
