import { expect, test } from 'vitest';

import { createManualClock } from '#pkg/base';
import { createSilentLogger } from '#pkg/observability';
import { startRounds } from './rounds.ts';

/** Lets everything that is settled run on. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

function setUp(delaysMs: readonly number[]) {
  const clock = createManualClock();
  const ends: (() => void)[] = [];
  let started = 0;
  const rounds = startRounds({ clock, logger: createSilentLogger() }, 'test', () => {
    const delayMs = delaysMs[started] ?? 1_000;
    started += 1;
    return new Promise((resolve) => ends.push(() => resolve(delayMs)));
  });
  const end = async (): Promise<void> => {
    ends.shift()?.();
    await settle();
  };
  return { clock, rounds, end, started: () => started };
}

test('a round follows when the one before it said', async () => {
  const { clock, end, started } = setUp([300]);
  await end();
  clock.advance(299);
  expect(started()).toBe(1);
  clock.advance(1);
  expect(started()).toBe(2);
});

test('a time that comes while a round runs is not forgotten, and neither is any after it', async () => {
  const { clock, rounds, end, started } = setUp([5_000, 5_000, 5_000]);
  rounds.kickIn(20);
  clock.advance(20);
  expect(started()).toBe(1);
  await end();
  clock.advance(0);
  expect(started()).toBe(2);
  await end();
  rounds.kickIn(50);
  clock.advance(50);
  expect(started()).toBe(3);
});

test('a kick during a round starts the next one at once', async () => {
  const { clock, rounds, end, started } = setUp([5_000]);
  rounds.kick();
  rounds.kick();
  await end();
  clock.advance(0);
  expect(started()).toBe(2);
});
