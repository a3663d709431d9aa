/** Two releases side by side, as during a roll and after a rollback: a worker takes only the versions that it knows. */
import { afterAll, beforeAll, expect, test } from 'vitest';

import { id, type BoxName, type WorkflowId } from '#pkg/domain';
import { planStep, readEngineWaits } from '#pkg/steps';
import { eventually } from '../harness/eventually.ts';
import { startDispatcher } from './fixture/compose.ts';
import { note, ownNote, steps } from './fixture/definitions.ts';
import { responsesOf, stepNamed, useEngine } from './fixture/index.ts';
import { greet } from './fixture/releases.ts';

const engine = useEngine();
const EACH = 20;
let dispatcher: AsyncDisposable;
beforeAll(() => {
  dispatcher = startDispatcher(engine.parts);
});
afterAll(async () => dispatcher[Symbol.asyncDispose]());

async function submitGreets(version: 1 | 2): Promise<readonly WorkflowId[]> {
  const submissions = await Promise.all(
    Array.from({ length: EACH }, () =>
      engine.parts.submit(steps, [
        planStep(greet[version], null, { index: 1 }),
        planStep(greet[version], null, { index: 2 }),
      ]),
    ),
  );
  return submissions.map(({ workflowId }) => workflowId);
}

async function greetings(workflows: readonly WorkflowId[]) {
  const trees = await Promise.all(workflows.map((workflowId) => engine.ended(workflowId, 30_000)));
  return trees.flatMap(
    (tree) => responsesOf(tree, 'greet') as { release: number; version: number }[],
  );
}

test('during a roll and after a rollback each step runs on a release that knows its version, and waits visibly for one', async () => {
  const old = await engine.startWorker('eos', { release: 1 });
  const young = await engine.startWorker('iris', { release: 2 });

  // The roll: rows of both releases stand beside each other.
  const rolled = await Promise.all([submitGreets(1), submitGreets(2)]);
  const [ofFirst, ofSecond] = await Promise.all(rolled.map(greetings));
  expect(ofFirst).toHaveLength(2 * EACH);
  expect(ofFirst?.every(({ version }) => version === 1)).toBe(true);
  expect(ofSecond).toHaveLength(2 * EACH);
  expect(ofSecond?.every(({ version, release }) => version === 2 && release === 2)).toBe(true);

  // The rollback: what only the second release knows stays as it is, and holds nobody up.
  young.signal('SIGKILL');
  await young.exited;
  const stranded = await submitGreets(2);
  const going = await greetings(await submitGreets(1));
  expect(going.every(({ release }) => release === 1)).toBe(true);
  const ready = await engine.parts.store.steps.listSteps({ state: 'ready', limit: 100 });
  expect(ready).toHaveLength(EACH);
  expect(
    ready.every(({ version, epoch, attempts }) => version === 2 && epoch + attempts === 0),
  ).toBe(true);
  const counts = await engine.parts.store.steps.countByLane();
  const oldest = counts.find(({ state }) => state === 'ready')?.oldestReadyAtMs;
  expect(oldest).toBe(Math.min(...ready.map(({ readyAtMs = Infinity }) => readyAtMs)));

  // Rolled out again, it goes on from there.
  await engine.startWorker('iris', { release: 2 });
  expect(await greetings(stranded)).toEqual(
    Array.from({ length: 2 * EACH }, () => ({ release: 2, version: 2 })),
  );
  expect(old.isRunning()).toBe(true);
}, 120_000);

test('a step pinned to a box that is gone waits, and runs there when the box is back', async () => {
  const box = id<BoxName>('nyx');
  const { workflowId } = await engine.parts.submit(steps, [
    planStep(ownNote, null, { index: 1, box }),
    planStep(note, { text: '' }, { index: 2 }),
  ]);
  await engine.startWorker('selene');
  await eventually(async () => {
    const waits = await readEngineWaits(engine.parts.store);
    expect(waits.waits).toContainEqual({
      what: 'steps',
      count: 1,
      reason: 'LaneUnserved',
      lane: 'own of nyx',
    });
  });
  await engine.startWorker('nyx');
  const tree = await engine.ended(workflowId);
  expect(stepNamed(tree, 'own-note')).toMatchObject({ epoch: 1, response: '"nyx"' });
}, 30_000);
