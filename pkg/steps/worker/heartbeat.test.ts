import { expect, test } from 'vitest';

import { createManualClock } from '#pkg/base';
import { id, type BoxName } from '#pkg/domain';
import { createSilentLogger } from '#pkg/observability';
import { createMemoryStore } from '#pkg/store';
import { createHeartbeat } from './heartbeat.ts';

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
    describe: () => ({
      workerId: 'eos-orders-1',
      box: id<BoxName>('eos'),
      process: 'eos-orders',
      pid: 1,
      version: '0.1.0',
      lanes: [],
      generation: 1,
      state: 'ready',
      reason: undefined,
    }),
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
