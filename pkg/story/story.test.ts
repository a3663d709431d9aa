import { expect, test } from 'vitest';

import { planStep } from '#pkg/steps';
import type { WorkflowTree } from '#pkg/store';
import { newWorkflow } from '../../tests/harness/step-rows.ts';
import { only, opened } from '../../tests/harness/trade/facts.ts';
import type { TradeBench } from '../../tests/harness/trade/trade-bench.ts';
import { placeRung, placeStop } from '../lifecycles/open/definitions.ts';
import { formatStory, narratePosition, readPositionRows, type PositionStory } from './index.ts';

async function storyOf(bench: TradeBench, trees: readonly WorkflowTree[] = []) {
  const [position] = await bench.store.positions.list({ limit: 1 });
  if (position === undefined) throw new Error('nothing was opened');
  const rows = await readPositionRows(bench.store, position);
  return narratePosition({ ...rows, trees: [...rows.trees, ...trees] });
}

/** An opening whose stop took two tries, and whose rung waits. */
async function openingTree(bench: TradeBench): Promise<WorkflowTree> {
  const { id: positionId, createdAtMs } = await only(bench);
  const { workflow, steps } = newWorkflow(
    [
      planStep(placeStop, { positionId }, { index: 1 }),
      planStep(placeRung, { positionId, rungIndex: 2 }, { index: 2 }),
    ],
    { name: 'open-position', positionId, state: 'running', submittedAtMs: createdAtMs },
  );
  const [stop, rung] = steps;
  if (stop === undefined || rung === undefined) throw new Error('two steps were planned');
  const startedAtMs = createdAtMs + 30;
  return {
    workflow,
    steps: [
      { ...stop, state: 'completed', attempts: 1, startedAtMs, finishedAtMs: startedAtMs + 21 },
      {
        ...rung,
        state: 'delayed',
        reason: 'AccountOrderBudgetSpent',
        runAfterMs: startedAtMs + 5_000,
      },
    ],
  };
}

const texts = (story: PositionStory): readonly string[] => story.moments.map(({ text }) => text);

test('a held position says what it holds, what protects it, and how its orders came to be', async () => {
  const bench = await opened();
  bench.venue.setMark(54_800);
  await bench.stream();
  const story = await storyOf(bench);

  expect(story.summary).toBe(
    'long BTCUSDT at 20x in slot 1 of main: active; holds 0.015 from 60000, break-even 56600; ' +
      'stop new at 38610; profit new at 56803.8; 1 of 4 rungs filled',
  );
  const lines = texts(story);
  const at = (part: string): number => lines.findIndex((line) => line.includes(part));
  expect(at('took long slot 1')).toBe(0);
  expect(at('entry filled 0.005 at 60000')).toBeGreaterThan(0);
  expect(at('StopPlaced')).toBeGreaterThan(at('entry filled'));
  expect(at('rung 1 filled 0.01 at 54900')).toBeGreaterThan(at('PositionOpened'));
  expect(at('PositionReaveraged')).toBeGreaterThan(at('rung 1 filled'));
});

test('a closed position says why it ended, and what it earned to the last digit', async () => {
  const bench = await opened();
  bench.venue.setMark(60_300);
  await bench.stream();

  expect((await storyOf(bench)).summary).toContain(
    'closed; ProfitFilled at 60216; 0.839568 USDT after fees and funding',
  );
});

test('steps tell their tries, and what is not over tells what it waits for', async () => {
  const bench = await opened();
  const story = await storyOf(bench, [await openingTree(bench)]);

  expect(story.reason).toBe('AccountOrderBudgetSpent');
  expect(story.waits).toEqual([
    expect.stringMatching(
      /^open-position\/place-rung is delayed in lane orders until .*: AccountOrderBudgetSpent$/,
    ),
  ]);
  expect(texts(story)).toContain('open-position/place-stop completed in 21 ms (failed once)');
  expect(formatStory(story)[1]).toBe('because of AccountOrderBudgetSpent');
});

test('every moment stands in order of time, on one line of its own', async () => {
  const bench = await opened();
  const story = await storyOf(bench, [await openingTree(bench)]);
  const times = story.moments.map(({ atMs }) => atMs);

  expect(times).toEqual(times.toSorted((a, b) => a - b));
  for (const line of formatStory(story)) expect(line).not.toContain('\n');
});
