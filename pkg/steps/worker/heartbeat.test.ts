import { expect, test } from 'vitest';

import { createManualClock } from '#pkg/base';
import { id, type BoxName } from '#pkg/domain';
import { createSilentLogger } from '#pkg/observability';
import { createMemoryStore, type WorkerBeat } from '#pkg/store';
import { createHeartbeat } from './heartbeat.ts';

/** A worker that beats by a manual clock; `lives` lists what each beat asked for, `answer` decides what becomes of a reply. */
async function startWorker() {
  const clock = createManualClock();
  const { workers } = createMemoryStore({ clock });
  const lives: number[] = [];
  const state = { isBusy: false, isReplyLost: false };
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };
  const heartbeat = createHeartbeat({
    workers: {
      ...workers,
      beat: async (row, ttlMs) => {
        lives.push(ttlMs);
        await workers.beat(row, ttlMs);
        if (state.isReplyLost) throw new Error('the reply is lost');
      },
    },
    clock,
    logger: createSilentLogger(),
    isBusy: () => state.isBusy,
    describe: () => beatOf([{ lane: 'orders', slots: 1, busy: 0 }]),
  });
  await heartbeat.start();
  const pass = async (ms: number): Promise<void> => {
    for (let at = 0; at < ms; at += 100) {
      clock.advance(100);
      await settle();
    }
  };
  return { heartbeat, lives, state, pass };
}

function beatOf(lanes: WorkerBeat['lanes']): WorkerBeat {
  return {
    workerId: 'eos-orders-1',
    box: id<BoxName>('eos'),
    process: 'eos-orders',
    pid: 1,
    version: '0.1.0',
    lanes,
    generation: 1,
    state: 'ready',
    reason: undefined,
  };
}

test('a worker with nothing to do beats seldom and lives longer; before it claims, its life is the short one', async () => {
  const { heartbeat, lives, state, pass } = await startWorker();
  await pass(20_000);
  expect(new Set(lives)).toEqual(new Set([9_000]));
  expect(lives.length).toBeLessThan(10);
  const before = lives.length;
  expect(await heartbeat.hurry()).toBe(true);
  expect(lives.slice(before)).toEqual([1_500]);
  expect(await heartbeat.hurry()).toBe(true);
  expect(lives.length).toBe(before + 1);
  state.isBusy = true;
  await pass(10_000);
  expect(new Set(lives.slice(before))).toEqual(new Set([1_500]));
  expect(lives.length - before).toBeGreaterThan(20);
});

test('a short life is believed in although its reply is lost, and nothing is claimed by it', async () => {
  const { heartbeat, state, pass } = await startWorker();
  await pass(3_000);
  state.isReplyLost = true;
  expect(await heartbeat.hurry()).toBe(false);
  await pass(1_400);
  expect(heartbeat.isFresh()).toBe(false);
});

test('a beat that is under way when the process leaves brings no row back', async () => {
  const clock = createManualClock();
  const { workers } = createMemoryStore({ clock });
  const slow: (() => void)[] = [];
  let isSlow = false;
  const heartbeat = createHeartbeat({
    workers: {
      ...workers,
      beat: async (row, ttlMs) => {
        if (isSlow) await new Promise<void>((resolve) => slow.push(resolve));
        await workers.beat(row, ttlMs);
      },
    },
    clock,
    logger: createSilentLogger(),
    describe: () => beatOf([]),
  });
  await heartbeat.start();
  expect(await workers.list()).toHaveLength(1);
  isSlow = true;
  heartbeat.beatNow();
  const ended = heartbeat[Symbol.asyncDispose]();
  await expect.poll(() => slow.length).toBe(1);
  for (const finish of slow) finish();
  await ended;
  expect(await workers.list()).toEqual([]);
});
