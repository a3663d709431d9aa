/**
 * The contract of a `StepStore`, as tests: what the memory adapter does is what the database does.
 *
 * Every case uses the port alone, with heartbeats through `WorkerStore`.
 */
import { Type } from 'typebox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createSystemClock } from '#pkg/base';
import { id, type AccountId, type PositionId, type StepId, type WorkflowId } from '#pkg/domain';
import { defineStep, planStep } from '#pkg/steps';
import type { NewWorkflow, StepRow, Store } from '#pkg/store';
import { eventually } from '../harness/eventually.ts';
import { newWorkflow, workerBeat } from '../harness/step-rows.ts';

const clock = createSystemClock();
const note = defineStep({
  name: 'note',
  lane: 'positions',
  arguments: Type.Object({ text: Type.String() }),
  response: Type.Null(),
});
const KNOWN = new Set(['note@1']);

function oneStep(fields: Parameters<typeof newWorkflow>[1] = {}): NewWorkflow {
  return newWorkflow([planStep(note, { text: 'a' }, { index: 1 })], fields);
}

function twoSteps(): NewWorkflow {
  return newWorkflow([
    planStep(note, { text: 'a' }, { index: 1 }),
    planStep(note, { text: 'ünï → 😀' }, { index: 2 }),
  ]);
}

export function stepStoreConformance(name: string, start: () => Promise<Store>): void {
  describe(`step store conformance: ${name}`, () => {
    let store: Store;
    beforeAll(async () => {
      store = await start();
    });
    afterAll(async () => store[Symbol.asyncDispose]());

    /** Submits it and makes its first step ready. */
    const ready = async (
      workflow: NewWorkflow,
      fields: Partial<StepRow> = {},
    ): Promise<StepRow> => {
      await store.steps.submit(workflow);
      const [first] = workflow.steps;
      if (first === undefined) throw new Error('no step');
      await store.steps.transact(workflow.workflow.id, {}, () => ({
        change: {
          workflow: { state: 'running', admittedAtMs: clock.nowMs() },
          updates: [{ id: first.id, state: 'ready', readyAtMs: clock.nowMs(), ...fields }],
        },
        value: undefined,
      }));
      return first;
    };
    const claim = (stepId: StepId, workerId: string) =>
      store.steps.claim(stepId, { workerId, startedAtMs: clock.nowMs() + 0.25, known: KNOWN });

    test('a submitted workflow is found as it was written', async () => {
      const workflow = twoSteps();
      expect(await store.steps.submit(workflow)).toEqual({
        kind: 'submitted',
        workflowId: workflow.workflow.id,
      });
      const tree = await store.steps.findTree(workflow.workflow.id);
      expect(tree).toEqual(workflow);
      expect(await store.steps.findTree(id<WorkflowId>('none'))).toBeUndefined();
    });

    test('a key is taken while its workflow is unfinished, and free afterwards', async () => {
      const first = oneStep({ dedupeKey: 'the-key' });
      await store.steps.submit(first);
      expect(await store.steps.submit(oneStep({ dedupeKey: 'the-key' }))).toEqual({
        kind: 'duplicate',
        workflowId: first.workflow.id,
      });
      await store.steps.transact(first.workflow.id, {}, () => ({
        change: { workflow: { state: 'completed', finishedAtMs: clock.nowMs() } },
        value: undefined,
      }));
      expect((await store.steps.submit(oneStep({ dedupeKey: 'the-key' }))).kind).toBe('submitted');
      expect(await store.steps.listWorkflows({ dedupeKey: 'the-key', limit: 9 })).toHaveLength(2);
    });

    test('the workflows of a position are told in their order, archived ones too', async () => {
      const positionId = id<PositionId>('told-position');
      const about = (name: string, submittedAtMs: number): NewWorkflow => {
        const { workflow, steps } = oneStep();
        return { workflow: { ...workflow, name, positionId, submittedAtMs }, steps };
      };
      const first = about('first', 1_000);
      await store.steps.submit(first);
      await store.steps.submit(oneStep());
      await store.steps.transact(first.workflow.id, {}, () => ({
        change: { workflow: { state: 'completed', finishedAtMs: 1_001 } },
        value: undefined,
      }));
      await store.steps.archive({ endedBeforeMs: 1_002, limit: 9 });
      await store.steps.submit(about('second', 2_000));
      const names = async (limit: number) =>
        (await store.steps.listOfPosition(positionId, limit)).map(({ name }) => name);
      expect(await names(9)).toEqual(['first', 'second']);
      expect(await names(1)).toEqual(['second']);
      await store.steps.purge({ endedBeforeMs: 1_002, limit: 9 });
      expect(await names(9)).toEqual(['second']);
    });

    test('a released key is free while its workflow runs on', async () => {
      const first = oneStep({ dedupeKey: 'released' });
      await store.steps.submit(first);
      await store.steps.releaseKey(first.workflow.id, 'another');
      expect((await store.steps.submit(oneStep({ dedupeKey: 'released' }))).kind).toBe('duplicate');
      await store.steps.releaseKey(first.workflow.id, 'released');
      const second = oneStep({ dedupeKey: 'released' });
      expect((await store.steps.submit(second)).kind).toBe('submitted');
      await store.steps.releaseKey(first.workflow.id, 'released');
      expect(await store.steps.submit(oneStep({ dedupeKey: 'released' }))).toEqual({
        kind: 'duplicate',
        workflowId: second.workflow.id,
      });
      const ended = await store.steps.transact(first.workflow.id, {}, () => ({
        change: { workflow: { state: 'completed', finishedAtMs: clock.nowMs() } },
        value: undefined,
      }));
      expect(ended.kind).toBe('committed');
    });

    test('of many submits with one key, exactly one is submitted', async () => {
      const submissions = await Promise.all(
        Array.from({ length: 12 }, () => store.steps.submit(oneStep({ dedupeKey: 'raced' }))),
      );
      expect(submissions.filter(({ kind }) => kind === 'submitted')).toHaveLength(1);
      expect(new Set(submissions.map(({ workflowId }) => workflowId)).size).toBe(1);
    });

    test('an id that exists is not submitted again, even when its workflow has ended', async () => {
      const workflow = oneStep();
      await store.steps.submit(workflow);
      await store.steps.transact(workflow.workflow.id, {}, () => ({
        change: { workflow: { state: 'completed', finishedAtMs: clock.nowMs() } },
        value: undefined,
      }));
      expect(await store.steps.submit(workflow)).toEqual({
        kind: 'duplicate',
        workflowId: workflow.workflow.id,
      });
    });

    test('of many claims of one step, exactly one gets it, under a new epoch', async () => {
      const step = await ready(oneStep());
      const claims = await Promise.all(
        Array.from({ length: 10 }, (_, index) => claim(step.id, `worker-${index}`)),
      );
      const won = claims.filter((result) => result.kind === 'claimed');
      expect(won).toHaveLength(1);
      expect(won[0]?.step).toMatchObject({ state: 'running', epoch: 1 });
      expect(won[0]?.tree.steps).toContainEqual(won[0]?.step);
      expect(await claim(step.id, 'late')).toEqual({ kind: 'gone' });
    });

    test('a worker that does not know the handler version leaves the step', async () => {
      const step = await ready(oneStep());
      const result = await store.steps.claim(step.id, {
        workerId: 'old-release',
        startedAtMs: clock.nowMs(),
        known: new Set(['note@2']),
      });
      expect(result).toMatchObject({ kind: 'unknown-handler', step: { state: 'ready' } });
      expect((await claim(step.id, 'new-release')).kind).toBe('claimed');
    });

    test('a change writes fields, children and the workflow together', async () => {
      const workflow = twoSteps();
      const step = await ready(workflow);
      const child = { ...oneStep().steps[0], workflowId: workflow.workflow.id } as StepRow;
      const result = await store.steps.transact(workflow.workflow.id, {}, (tree) => {
        expect(tree.steps).toHaveLength(2);
        return {
          change: {
            workflow: { reason: 'FleetPaused' },
            updates: [
              { id: step.id, state: 'completed', response: '{"é":1}', finishedAtMs: 1_000.125 },
            ],
            inserts: [{ ...child, parentStepId: step.id }],
          },
          value: 'done',
        };
      });
      expect(result).toEqual({ kind: 'committed', value: 'done' });
      const tree = await store.steps.findTree(workflow.workflow.id);
      expect(tree?.workflow.reason).toBe('FleetPaused');
      expect(tree?.steps.find((row) => row.id === step.id)).toMatchObject({
        state: 'completed',
        response: '{"é":1}',
        finishedAtMs: 1_000.125,
        args: step.args,
      });
      expect(tree?.steps.find((row) => row.id === child.id)?.parentStepId).toBe(step.id);
    });

    test('an undefined field is emptied', async () => {
      const step = await ready(oneStep(), { reason: 'AwaitingFill', runAfterMs: 5 });
      await store.steps.transact(step.workflowId, {}, () => ({
        change: { updates: [{ id: step.id, reason: undefined, runAfterMs: undefined }] },
        value: undefined,
      }));
      const tree = await store.steps.findTree(step.workflowId);
      expect(tree?.steps[0]).toMatchObject({ reason: undefined, runAfterMs: undefined });
    });

    test('a writer with an older epoch, another worker or a step that runs no more changes nothing', async () => {
      const step = await ready(oneStep());
      await claim(step.id, 'owner');
      const attempt = (fence: { workerId: string; epoch: number }) =>
        store.steps.transact(step.workflowId, { fence: { stepId: step.id, ...fence } }, () => ({
          change: { updates: [{ id: step.id, state: 'completed' }] },
          value: 'written',
        }));
      expect(await attempt({ workerId: 'owner', epoch: 0 })).toEqual({ kind: 'fenced' });
      expect(await attempt({ workerId: 'thief', epoch: 1 })).toEqual({ kind: 'fenced' });
      expect(await attempt({ workerId: 'owner', epoch: 1 })).toEqual({
        kind: 'committed',
        value: 'written',
      });
      expect(await attempt({ workerId: 'owner', epoch: 1 })).toEqual({ kind: 'fenced' });
    });

    test('changes of one workflow follow each other', async () => {
      const step = await ready(oneStep());
      await Promise.all(
        Array.from({ length: 8 }, () =>
          store.steps.transact(step.workflowId, {}, (tree) => ({
            change: {
              updates: [{ id: step.id, deferrals: (tree.steps[0]?.deferrals ?? 0) + 1 }],
            },
            value: undefined,
          })),
        ),
      );
      expect((await store.steps.findTree(step.workflowId))?.steps[0]?.deferrals).toBe(8);
    });

    test('a decision that throws changes nothing', async () => {
      const step = await ready(oneStep());
      await expect(
        store.steps.transact(step.workflowId, {}, () => {
          throw new Error('undecided');
        }),
      ).rejects.toThrow('undecided');
      expect((await claim(step.id, 'after')).kind).toBe('claimed');
    });

    test('a workflow that does not exist is missing', async () => {
      const result = await store.steps.transact(id<WorkflowId>('none'), {}, () => ({
        change: {},
        value: undefined,
      }));
      expect(result).toEqual({ kind: 'missing' });
    });

    test('a block of a thousand steps is written and read whole', async () => {
      const workflow = newWorkflow(
        Array.from({ length: 1_000 }, () => planStep(note, { text: 'wide' }, { index: 1 })),
      );
      await store.steps.submit(workflow);
      expect((await store.steps.findTree(workflow.workflow.id))?.steps).toEqual(workflow.steps);
    });

    test('submitted workflows come protective first, then urgent, then by time', async () => {
      const time = { submittedAtMs: 1_000 };
      const ordinary = oneStep({ ...time, submittedAtMs: 999 });
      const urgent = oneStep({ ...time, isUrgent: true });
      const protective = oneStep({ ...time, isProtective: true, accountId: id<AccountId>('a1') });
      for (const one of [ordinary, urgent, protective]) await store.steps.submit(one);
      const ours = new Set([ordinary, urgent, protective].map((one) => one.workflow.id));
      const listed = (await store.steps.listSubmitted(1_000)).filter((row) => ours.has(row.id));
      expect(listed.map((row) => row.id)).toEqual(
        [protective, urgent, ordinary].map((one) => one.workflow.id),
      );
      const only = await store.steps.listSubmitted(1_000, { isProtective: true });
      expect(only.filter((row) => ours.has(row.id))).toEqual([protective.workflow]);
    });

    test('submitted workflows that are held are listed apart, by id', async () => {
      const [free, second, first] = [oneStep(), oneStep(), oneStep()];
      for (const one of [free, first, second]) await store.steps.submit(one);
      for (const { workflow } of [first, second]) {
        await store.steps.transact(workflow.id, {}, () => ({
          change: { workflow: { reason: 'AccountPaused' } },
          value: undefined,
        }));
      }
      const ours = new Set([free, first, second].map(({ workflow }) => workflow.id));
      const mine = (rows: readonly { readonly id: WorkflowId }[]) =>
        rows.map((row) => row.id).filter((workflowId) => ours.has(workflowId));
      const held = [first.workflow.id, second.workflow.id].toSorted();
      expect(mine(await store.steps.listHeld(1_000))).toEqual(held);
      expect(mine(await store.steps.listHeld(1_000, held[0]))).toEqual([held[1]]);
      const others = await store.steps.listSubmitted(1_000, { isHeld: false });
      expect(mine(others)).toEqual([free.workflow.id]);
    });

    test('delayed steps come by wake time', async () => {
      const later = await ready(oneStep(), { state: 'delayed', runAfterMs: 2_000 });
      const sooner = await ready(oneStep(), { state: 'delayed', runAfterMs: 1_000 });
      expect((await store.steps.listDelayed(2)).map((step) => step.id)).toEqual([
        sooner.id,
        later.id,
      ]);
    });

    test('ready steps are listed page by page, only those that are old enough', async () => {
      const old = [
        await ready(oneStep(), { readyAtMs: 10 }),
        await ready(oneStep(), { readyAtMs: 11 }),
        await ready(oneStep(), { readyAtMs: 12 }),
      ];
      const first = await store.steps.listReady({ readyBeforeMs: 13, limit: 2 });
      const after = first.at(-1)?.id;
      const second = await store.steps.listReady({
        readyBeforeMs: 13,
        limit: 2,
        ...(after === undefined ? {} : { after }),
      });
      expect([...first, ...second].map((step) => step.id)).toEqual(old.map((step) => step.id));
    });

    test('a running step is abandoned when its worker beats no more, or never did', async () => {
      const living = await ready(oneStep());
      const orphan = await ready(oneStep());
      await store.workers.beat(workerBeat('living'), 60_000);
      await store.workers.beat(workerBeat('dying'), 150);
      await claim(living.id, 'living');
      await claim(orphan.id, 'dying');
      const isAbandoned = async (stepId: StepId): Promise<boolean> =>
        (await store.steps.listAbandoned(1_000)).steps.some((step) => step.id === stepId);
      expect(await isAbandoned(orphan.id)).toBe(false);
      const { nextExpiryInMs } = await store.steps.listAbandoned(1);
      expect(nextExpiryInMs).toBeLessThanOrEqual(150);

      await eventually(async () => expect(await isAbandoned(orphan.id)).toBe(true));
      expect(await isAbandoned(living.id)).toBe(false);
      await store.workers.leave('living');
      expect(await isAbandoned(living.id)).toBe(true);
    });

    test('steps are filtered by state, name, workflow and worker', async () => {
      const step = await ready(oneStep());
      await claim(step.id, 'filtered');
      const filters = [
        { workerId: 'filtered' },
        { workflowId: step.workflowId },
        { workflowId: step.workflowId, state: 'running' as const },
        { workflowId: step.workflowId, name: 'note' },
      ];
      for (const filter of filters) {
        const found = await store.steps.listSteps({ ...filter, limit: 9 });
        expect(found.map((row) => row.id)).toEqual([step.id]);
      }
      expect(await store.steps.listSteps({ workerId: 'nobody', limit: 9 })).toEqual([]);
    });

    test('runs are told with fractions of a ms', async () => {
      const step = await ready(oneStep(), { predecessorEndedAtMs: 4_000_000_000_000.5 });
      await store.steps.claim(step.id, {
        workerId: 'timed',
        startedAtMs: 4_000_000_000_001.75,
        known: KNOWN,
      });
      expect(await store.steps.listRuns(4_000_000_000_001)).toEqual([
        {
          predecessorEndedAtMs: 4_000_000_000_000.5,
          startedAtMs: 4_000_000_000_001.75,
          finishedAtMs: undefined,
        },
      ]);
    });

    test('steps of unfinished workflows are counted by lane and state', async () => {
      const before = await countReady();
      const step = await ready(oneStep());
      expect(await countReady()).toBe(before + 1);
      await store.steps.transact(step.workflowId, {}, () => ({
        change: { workflow: { state: 'canceled', finishedAtMs: clock.nowMs() } },
        value: undefined,
      }));
      expect(await countReady()).toBe(before);
    });

    const countReady = async (): Promise<number> =>
      (await store.steps.countByLane()).find(
        (row) => row.lane === 'positions' && row.state === 'ready',
      )?.count ?? 0;
  });
}
