import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createManualClock, createSystemClock, required } from '#pkg/base';
import { createSilentLogger } from '#pkg/observability';
import { connectRedis, type RedisConnection } from '#pkg/redis';
import {
  createMemoryConnectAllowance,
  createRedisConnectAllowance,
  type ConnectAllowance,
} from '#pkg/streams';
import { useTestRedis } from '../harness/index.ts';

const WINDOW_MS = 400;
const OPTIONS = { connectsMax: 3, windowMs: WINDOW_MS };

interface AllowanceStage {
  readonly allowance: ConnectAllowance;
  readonly pass: (ms: number) => Promise<void>;
}

function connectAllowanceConformance(name: string, open: () => AllowanceStage): void {
  describe(`connect allowance conformance: ${name}`, () => {
    test('so many may connect within a window, the next one is told when, and then may', async () => {
      const { allowance, pass } = open();
      for (let count = 0; count < 3; count += 1) expect(await allowance.take()).toBe(0);
      const waitMs = await allowance.take();
      expect(waitMs).toBeGreaterThan(0);
      expect(waitMs).toBeLessThanOrEqual(WINDOW_MS);
      expect(await allowance.take()).toBeGreaterThan(0);
      await pass(waitMs + 5);
      expect(await allowance.take()).toBe(0);
    });
  });
}

connectAllowanceConformance('memory', () => {
  const clock = createManualClock();
  const allowance = createMemoryConnectAllowance({ clock }, OPTIONS);
  return { allowance, pass: async (ms) => clock.advance(ms) };
});

describe('redis', () => {
  const server = useTestRedis();
  const clock = createSystemClock();
  const logger = createSilentLogger();
  let redis: RedisConnection | undefined;
  let sequence = 0;
  const open = (address: string, connectsMax = 3) => {
    const makeId = () => String((sequence += 1));
    const parts = { redis: required(redis, 'open before all'), clock, logger, makeId };
    return createRedisConnectAllowance(parts, { ...OPTIONS, address, connectsMax });
  };
  beforeAll(() => {
    redis = connectRedis({ url: server.url, name: 'allowance', logger, mode: 'command' });
  });
  afterAll(() => redis?.disconnect());
  connectAllowanceConformance('redis', () => ({
    allowance: open('127.0.3.1'),
    pass: (ms) => clock.sleep(ms),
  }));

  test('processes of one address share it, addresses do not, and a restart forgets nothing', async () => {
    const taken = await Promise.all(
      ['127.0.4.1', '127.0.4.1', '127.0.4.1', '127.0.5.1'].map((each) => open(each).take()),
    );
    expect(taken).toEqual([0, 0, 0, 0]);
    expect(await open('127.0.4.1').take()).toBeGreaterThan(0);
    expect(await open('127.0.4.1', 4).take()).toBe(0);
  });

  test('without redis a small allowance of the process holds', async () => {
    const gone = connectRedis({ url: 'redis://127.0.0.1:1', name: 'x', logger, mode: 'command' });
    const allowance = createRedisConnectAllowance(
      { redis: gone, clock: createManualClock(), logger, makeId: () => 'x' },
      { address: '127.0.6.1', connectsMax: 270 },
    );
    const waits = await Promise.all(Array.from({ length: 70 }, () => allowance.take()));
    expect(waits.filter((waitMs) => waitMs === 0)).toHaveLength(60);
    gone.disconnect();
  });
});
