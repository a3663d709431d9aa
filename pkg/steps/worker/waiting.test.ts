/** What waits: urgent work behind a flood, and steps that were put off until an instant. */
import { expect, test } from 'vitest';

import { implementStep, planStep } from '../definition.ts';
import { more, setUp, steps, work } from './worker-testing.ts';

const FLOOD = 200;

test('behind a flood of workflows an urgent one waits for one running step at the most', async () => {
  const started: string[] = [];
  const running: (() => void)[] = [];
  const hold = async (name: string) => {
    started.push(name);
    await new Promise<void>((resolve) => {
      running.push(resolve);
    });
    return { kind: 'completed', response: null } as const;
  };
  const { submit, pass } = await setUp([
    implementStep(work, () => hold('flood')),
    implementStep(more, () => hold('urgent')),
  ]);
  const inARow = [1, 2, 3, 4].map((index) => planStep(work, null, { index }));
  for (let count = 0; count < FLOOD; count += 1) await submit(steps, inARow);
  await pass(1_000);
  expect(started).toEqual(['flood', 'flood']);
  await submit(steps, [planStep(more, null, { index: 1 })], { isUrgent: true });
  await pass(200);
  running.shift()?.();
  await pass(200);
  expect(started).toEqual(['flood', 'flood', 'urgent']);
  // Nothing urgent waits any more: the workflow goes on in its slot.
  running.shift()?.();
  await pass(0);
  expect(started).toHaveLength(4);
});

test('deferred steps wake at their instants, from a timer and not from a scan', async () => {
  const delays = [777, 1_237, 2_048, 2_049];
  const deferred: number[] = [];
  const late: number[] = [];
  const { clock, store, submit, pass } = await setUp([
    implementStep(work, async (context, delayMs) => {
      const nowMs = context.clock.nowMs();
      const untilMs = deferred[Number(delayMs)];
      if (untilMs === undefined) {
        deferred[Number(delayMs)] = nowMs + Number(delayMs);
        const reason = 'AwaitingConfirmation';
        return { kind: 'deferred', untilMs: nowMs + Number(delayMs), reason };
      }
      late.push(nowMs - untilMs);
      return { kind: 'completed', response: null };
    }),
  ]);
  let looks = 0;
  const listDelayed = store.steps.listDelayed.bind(store.steps);
  Object.assign(store.steps, {
    listDelayed: (limit: number) => {
      looks += 1;
      return listDelayed(limit);
    },
  });
  for (const delayMs of delays) {
    await submit(steps, [planStep(work, delayMs, { index: 1 })]);
    await pass(0);
  }
  for (let ms = 0; ms < 2_200; ms += 1) {
    clock.advance(1);
    for (let turn = 0; turn < 100; turn += 1) await Promise.resolve();
  }
  expect(late).toHaveLength(delays.length);
  expect(Math.max(...late)).toBeLessThanOrEqual(1);
  expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
  // One look for each instant, and that many again where the timer was set anew.
  expect(looks).toBeLessThanOrEqual(delays.length * 2);
});
