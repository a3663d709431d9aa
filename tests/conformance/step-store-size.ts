/** What a `StepStore` does so that neither wide workflows nor old ones cost the steps of today. */
import { Type } from 'typebox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createSystemClock } from '#pkg/base';
import type { StepId } from '#pkg/domain';
import { defineStep, planStep } from '#pkg/steps';
import type { NewWorkflow, StepEffect, StepRow, Store, WorkflowTree } from '#pkg/store';
import { newWorkflow } from '../harness/step-rows.ts';

const clock = createSystemClock();
const note = defineStep({
  name: 'note',
  lane: 'positions',
  arguments: Type.Object({ text: Type.String() }),
  response: Type.Null(),
});
const KNOWN = new Set(['note@1']);
const WIDTH = 100;
const YEAR_2001_MS = 1e12;

export function stepStoreSizeConformance(name: string, start: () => Promise<Store>): void {
  describe(`step store conformance, sizes: ${name}`, () => {
    let store: Store;
    beforeAll(async () => {
      store = await start();
    });
    afterAll(async () => store[Symbol.asyncDispose]());

    const claim = async (stepId: StepId) => {
      const claimed = await store.steps.claim(stepId, {
        workerId: 'eos',
        startedAtMs: clock.nowMs(),
        known: KNOWN,
      });
      if (claimed.kind !== 'claimed') throw new Error(`not claimed: ${claimed.kind}`);
      return claimed;
    };
    /** Many ready steps beside each other, one that waits for them, and one parked. */
    const wide = async (): Promise<{ readonly steps: readonly StepRow[] }> => {
      const workflow: NewWorkflow = newWorkflow([
        ...Array.from({ length: WIDTH }, (_, at) =>
          planStep(note, { text: `${at}` }, { index: 1 }),
        ),
        planStep(note, { text: 'join' }, { index: 2 }),
        planStep(note, { text: 'undo' }, { index: 1, role: 'compensation' }),
      ]);
      await store.steps.submit(workflow);
      await store.steps.transact(workflow.workflow.id, {}, () => ({
        change: {
          workflow: { state: 'running' },
          updates: workflow.steps
            .slice(0, WIDTH)
            .map(({ id }) => ({ id, state: 'ready' as const, readyAtMs: 1 })),
        },
        value: undefined,
      }));
      return workflow;
    };
    /** Ends the step as its worker would, and returns the tree on which that was decided. */
    const end = async (
      step: StepRow,
      effect: StepEffect,
      fields: Partial<StepRow> = { state: 'completed', response: '"done"' },
    ): Promise<WorkflowTree> => {
      const fence = { stepId: step.id, workerId: 'eos', epoch: step.epoch, effect };
      const result = await store.steps.transact(step.workflowId, { fence }, (tree) => ({
        change: { updates: [{ id: step.id, ...fields }] },
        value: tree,
      }));
      if (result.kind !== 'committed') throw new Error(result.kind);
      return result.value;
    };

    test('of a wide block a step is claimed and ended without the steps beside it', async () => {
      const { steps } = await wide();
      const [first] = steps;
      if (first === undefined) throw new Error('no step');
      const claimed = await claim(first.id);
      expect(claimed.tree.isPart).toBe(true);
      expect(claimed.tree.steps.map(({ id }) => id)).not.toContain(steps[1]?.id);
      const tree = await end(claimed.step, 'concludes');
      expect(tree).toMatchObject({ isPart: true, steps: [{ id: first.id, state: 'running' }] });
      const [row] = await store.steps
        .listSteps({ workflowId: first.workflowId, limit: 200 })
        .then((rows) => rows.filter(({ id }) => id === first.id));
      expect(row).toMatchObject({ state: 'completed', response: '"done"' });
    });

    test('the last of a wide block is decided on the whole, and what follows sees every response', async () => {
      const { steps } = await wide();
      const parts: (true | undefined)[] = [];
      for (const step of steps.slice(0, WIDTH)) {
        const { step: row } = await claim(step.id);
        const tree = await end(row, 'concludes');
        parts.push(tree.isPart);
      }
      expect(parts).toEqual([...Array.from({ length: WIDTH - 1 }, () => true), undefined]);
      const join = steps[WIDTH];
      if (join === undefined) throw new Error('no join');
      await store.steps.transact(join.workflowId, {}, () => ({
        change: { updates: [{ id: join.id, state: 'ready', readyAtMs: 1 }] },
        value: undefined,
      }));
      const claimed = await claim(join.id);
      const responses = claimed.tree.steps.filter(({ response }) => response === '"done"');
      expect(responses).toHaveLength(WIDTH);
    });

    test('a step that breaks its block is decided on the whole while something waits in it', async () => {
      const { steps } = await wide();
      const [first, second] = steps;
      if (first === undefined || second === undefined) throw new Error('no steps');
      const broken = await end((await claim(first.id)).step, 'breaks', { state: 'failed' });
      expect(broken.isPart).toBeUndefined();
      expect(broken.steps).toHaveLength(WIDTH + 2);
      const delayed = await end((await claim(second.id)).step, 'stays', { state: 'delayed' });
      expect(delayed.isPart).toBe(true);
    });

    test('a late writer of a wide block changes nothing', async () => {
      const { steps } = await wide();
      const [first] = steps;
      if (first === undefined) throw new Error('no step');
      const { step } = await claim(first.id);
      const fence = { stepId: step.id, workerId: 'eos', epoch: step.epoch - 1 };
      const late = await store.steps.transact(
        step.workflowId,
        { fence: { ...fence, effect: 'concludes' } },
        () => ({ change: { updates: [{ id: step.id, state: 'completed' }] }, value: undefined }),
      );
      expect(late.kind).toBe('fenced');
    });

    test('what ended long ago is archived in batches, found again, never submitted again, and purged', async () => {
      const ended = await Promise.all(
        Array.from({ length: 3 }, async (_, at) => {
          const workflow = newWorkflow([planStep(note, { text: 'old' }, { index: 1 })]);
          await store.steps.submit(workflow);
          await store.steps.transact(workflow.workflow.id, {}, () => ({
            change: { workflow: { state: 'completed', finishedAtMs: YEAR_2001_MS + at } },
            value: undefined,
          }));
          return workflow;
        }),
      );
      const [oldest] = ended;
      if (oldest === undefined) throw new Error('no workflow');
      const before = { endedBeforeMs: YEAR_2001_MS + 10 };
      expect(await store.steps.archive({ ...before, limit: 2 })).toBe(2);
      expect(await store.steps.archive({ ...before, limit: 2 })).toBe(1);
      expect(await store.steps.archive({ ...before, limit: 2 })).toBe(0);

      const { id: workflowId } = oldest.workflow;
      expect(await store.steps.listSteps({ workflowId, limit: 10 })).toEqual([]);
      const tree = await store.steps.findTree(workflowId);
      expect(tree?.workflow).toMatchObject({ state: 'completed', finishedAtMs: YEAR_2001_MS });
      expect(tree?.steps.map(({ id }) => id)).toEqual(oldest.steps.map(({ id }) => id));
      expect(await store.steps.submit(oldest)).toEqual({ kind: 'duplicate', workflowId });

      expect(await store.steps.purge({ ...before, limit: 100 })).toBe(3);
      expect(await store.steps.findTree(workflowId)).toBeUndefined();
    });

    test('of the oldest events only those are removed that are older than they may be', async () => {
      for (const atMs of [1, 2, 3, clock.nowMs()]) {
        await store.events.append({ kind: 'Noted', message: `at ${atMs}`, atMs });
      }
      expect(await store.events.prune({ beforeMs: 4, limit: 2 })).toBe(2);
      expect(await store.events.prune({ beforeMs: 4, limit: 2 })).toBe(1);
      expect(await store.events.prune({ beforeMs: 4, limit: 2 })).toBe(0);
      expect(await store.events.listNewest(10)).toHaveLength(1);
    });
  });
}
