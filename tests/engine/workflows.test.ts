/** Workflows through real MariaDB, Redis and two worker processes. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { id, type AccountId, type BoxName } from '#pkg/domain';
import type { Hold } from '#pkg/holds';
import { planStep, type Submission } from '#pkg/steps';
import { eventually } from '../harness/eventually.ts';
import { clock, startDispatcher } from './fixture/compose.ts';
import {
  chain,
  fail,
  fanOut,
  flake,
  note,
  noteElsewhere,
  ownNote,
  protectiveSteps,
  steps,
  waitFor,
} from './fixture/definitions.ts';
import { responsesOf, states, stepNamed, useEngine } from './fixture/index.ts';

const engine = useEngine();

describe('workflows', () => {
  const holds: Hold[] = [];
  let dispatcher: AsyncDisposable;
  beforeAll(async () => {
    dispatcher = startDispatcher(engine.parts, () => Promise.resolve([...holds]));
    await Promise.all([engine.startWorker('eos'), engine.startWorker('iris')]);
  });
  afterAll(async () => dispatcher[Symbol.asyncDispose]());

  test('a sequence runs in order, in one slot, without a hop through the queue', async () => {
    const { workflowId } = await engine.parts.submit(chain, 11);
    const tree = await engine.ended(workflowId);
    expect(tree.workflow.state).toBe('completed');
    const ends = tree.steps.map((step) => step.finishedAtMs ?? 0);
    expect(ends).toEqual(ends.toSorted((a, b) => a - b));
    expect(new Set(responsesOf(tree, 'note').map((one) => (one as { pid: number }).pid)).size).toBe(
      1,
    );
  });

  test('the next step may run in another lane', async () => {
    const { workflowId } = await engine.parts.submit(steps, [
      planStep(note, { text: 'here' }, { index: 1 }),
      planStep(noteElsewhere, { text: 'there' }, { index: 2 }),
      planStep(note, { text: 'here again' }, { index: 3 }),
    ]);
    const tree = await engine.ended(workflowId);
    expect(tree.workflow.state).toBe('completed');
    for (const step of tree.steps.slice(1)) {
      expect(step.predecessorEndedAtMs).toBeDefined();
      expect(step.startedAtMs).toBeGreaterThanOrEqual(step.predecessorEndedAtMs ?? 0);
    }
  });

  test('a parent expands, its children run in parallel and read each other, and it completes', async () => {
    const { workflowId } = await engine.parts.submit(steps, [
      planStep(fanOut, { width: 6 }, { index: 1 }),
      planStep(noteElsewhere, { text: 'after' }, { index: 2 }),
    ]);
    const tree = await engine.ended(workflowId);
    expect(tree.workflow.state).toBe('completed');
    expect(responsesOf(tree, 'sum-up')).toEqual([
      ['child 1', 'child 2', 'child 3', 'child 4', 'child 5', 'child 6'],
    ]);
    expect(stepNamed(tree, 'note-elsewhere').startedAtMs).toBeGreaterThan(
      stepNamed(tree, 'sum-up').finishedAtMs ?? Infinity,
    );
  });

  test('a wide block, which is read in parts, runs each step once and is joined by one that sees all', async () => {
    const { workflowId } = await engine.parts.submit(steps, [
      planStep(fanOut, { width: 300 }, { index: 1 }),
    ]);
    const tree = await engine.ended(workflowId, 30_000);
    expect(tree.workflow.state).toBe('completed');
    expect(new Set(tree.steps.map(({ epoch }) => epoch))).toEqual(new Set([1]));
    const [summed] = responsesOf(tree, 'sum-up') as string[][];
    expect(summed?.toSorted()).toEqual(
      Array.from({ length: 300 }, (_, at) => `child ${at + 1}`).toSorted(),
    );
  });

  test('a workflow that breaks is compensated and says that it was rescued', async () => {
    const { workflowId } = await engine.parts.submit(steps, [
      planStep(fail, null, { index: 1 }),
      planStep(note, { text: 'never' }, { index: 2 }),
      planStep(noteElsewhere, { text: 'undo' }, { index: 1, role: 'compensation' }),
    ]);
    const tree = await engine.ended(workflowId);
    expect(tree.workflow.state).toBe('rescued');
    expect(states(tree)).toEqual({
      fail: 'failed',
      note: 'canceled',
      'note-elsewhere': 'completed',
    });
    expect(stepNamed(tree, 'fail').error).toBe('Error: broken');
  });

  test('a deferred step wakes on time and costs no attempt', async () => {
    const nowMs = clock.nowMs();
    const submissions = await Promise.all(
      [600, 700, 800, 900, 1_000, 1_100].map((afterMs) =>
        engine.parts.submit(steps, [planStep(waitFor, { untilMs: nowMs + afterMs }, { index: 1 })]),
      ),
    );
    const lateMs: number[] = [];
    for (const { workflowId } of submissions) {
      const tree = await engine.ended(workflowId);
      expect(stepNamed(tree, 'wait-for')).toMatchObject({ attempts: 0, deferrals: 1 });
      const [response] = responsesOf(tree, 'wait-for') as { lateMs: number }[];
      lateMs.push(response?.lateMs ?? Infinity);
    }
    expect(Math.min(...lateMs)).toBeGreaterThanOrEqual(0);
    expect(Math.min(...lateMs)).toBeLessThan(250);
  });

  test('a failing step is tried again with back-off, and only its limit fails it', async () => {
    const recovering = await engine.parts.submit(steps, [
      planStep(flake, { failures: 2 }, { index: 1 }),
    ]);
    const hopeless = await engine.parts.submit(steps, [
      planStep(flake, { failures: 99 }, { index: 1 }),
    ]);
    const tree = await engine.ended(recovering.workflowId);
    expect(responsesOf(tree, 'flake')).toEqual([{ attempt: 3 }]);
    const failed = await engine.ended(hopeless.workflowId);
    expect(stepNamed(failed, 'flake')).toMatchObject({ attempts: 4, reason: 'AttemptsSpent' });
  });

  test('a step of one box runs there and nowhere else', async () => {
    const submissions = await Promise.all(
      ['eos', 'iris', 'eos', 'iris'].map((box) =>
        engine.parts.submit(steps, [planStep(ownNote, null, { index: 1, box: id<BoxName>(box) })]),
      ),
    );
    const boxes = await Promise.all(
      submissions.map(async ({ workflowId }) =>
        responsesOf(await engine.ended(workflowId), 'own-note').at(0),
      ),
    );
    expect(boxes).toEqual(['eos', 'iris', 'eos', 'iris']);
  });

  const hold = (scope: Hold['scope'], reason: Hold['reason']): Hold => ({
    scope,
    source: 'person',
    owner: 'ann',
    reason,
    why: 'a test',
    sinceMs: 0,
  });

  test('a pause holds admission and shows its reason, but not of what protects', async () => {
    holds.push(hold({ kind: 'fleet' }, 'FleetPaused'));
    const held = await engine.parts.submit(chain, 1);
    const protective = await engine.parts.submit(protectiveSteps, [
      planStep(note, { text: 'protect' }, { index: 1 }),
    ]);
    await engine.ended(protective.workflowId);
    await eventually(async () => {
      const tree = await engine.parts.store.steps.findTree(held.workflowId);
      expect(tree?.workflow).toMatchObject({ state: 'submitted', reason: 'FleetPaused' });
    });
    holds.splice(0);
    const { workflow } = await engine.ended(held.workflowId);
    expect(workflow).toMatchObject({ state: 'completed', reason: undefined });
  });

  test('a pause of an account and one of a lane hold their work alone, however much of it there is', async () => {
    const [ann, bob] = [id<AccountId>('ann'), id<AccountId>('bob')];
    holds.push(
      hold({ kind: 'account', accountId: ann }, 'AccountPaused'),
      hold({ kind: 'lane', lane: 'orders' }, 'LanePaused'),
    );
    const submitted = await Promise.all(
      Array.from({ length: 220 }, () => engine.parts.submit(chain, 1, { accountId: ann })),
    );
    const inLane = await engine.parts.submit(steps, [
      planStep(noteElsewhere, { text: 'held' }, { index: 1 }),
    ]);
    const free = await engine.parts.submit(chain, 1, { accountId: bob });
    expect((await engine.ended(free.workflowId)).workflow.state).toBe('completed');
    const reasonOf = async ({ workflowId }: Submission) =>
      (await engine.parts.store.steps.findTree(workflowId))?.workflow.reason;
    await eventually(async () => {
      expect(await reasonOf(inLane)).toBe('LanePaused');
      for (const each of submitted) expect(await reasonOf(each)).toBe('AccountPaused');
    });
    holds.splice(0);
    for (const { workflowId } of submitted) {
      expect((await engine.ended(workflowId)).workflow.state).toBe('completed');
    }
  });

  test('two hundred workflows at once all complete, each step once', async () => {
    const submissions = await Promise.all(
      Array.from({ length: 200 }, () =>
        engine.parts.submit(steps, [
          planStep(note, { text: '' }, { index: 1 }),
          planStep(noteElsewhere, { text: '' }, { index: 2 }),
          planStep(note, { text: '' }, { index: 3 }),
        ]),
      ),
    );
    for (const { workflowId } of submissions) {
      const tree = await engine.ended(workflowId, 30_000);
      expect(tree.workflow.state).toBe('completed');
      expect(tree.steps.map((step) => step.epoch)).toEqual([1, 1, 1]);
    }
  });
});
