import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createManualClock, createSeededRandom, createSystemClock } from '#pkg/base';
import {
  createMemoryLeasedBudget,
  createMemoryWindowBudget,
  createRedisLeasedBudget,
  createRedisWindowBudget,
  type BudgetKey,
} from '#pkg/budgets';
import { createSilentLogger } from '#pkg/observability';
import { connectRedis, type RedisConnection } from '#pkg/redis';
import { useTestRedis } from '../harness/index.ts';
import { budgetsConformance, type BudgetsUnderTest } from './budgets.ts';

const logger = createSilentLogger();
const systemClock = createSystemClock();
const T0 = 1_767_225_600_000;

const manualClock = createManualClock();
const memory: BudgetsUnderTest = {
  windows: createMemoryWindowBudget(),
  leases: createMemoryLeasedBudget(manualClock),
  pass: async (durationMs) => manualClock.advance(durationMs),
  propertyRuns: 300,
};
budgetsConformance('memory', () => memory);

describe('redis', () => {
  const server = useTestRedis();
  let redis: RedisConnection;
  let budgets: BudgetsUnderTest;
  beforeAll(() => {
    redis = connectRedis({ url: server.url, name: 'budgets', logger, mode: 'command' });
    budgets = {
      windows: createRedisWindowBudget({ redis, clock: systemClock, logger }),
      leases: createRedisLeasedBudget({
        ...{ redis, clock: systemClock, logger },
        random: createSeededRandom('slots'),
      }),
      pass: (durationMs) => systemClock.sleep(durationMs),
      propertyRuns: 25,
    };
  });
  afterAll(() => redis.disconnect());

  budgetsConformance('redis', () => budgets);

  test.each([
    ['that still waits keeps its slot, however long the answer takes', systemClock, 'deferred'],
    ['that was killed loses its slot soon after the window', createManualClock(), 'granted'],
  ])('a holder %s', async (_, clock, after) => {
    const parts = { redis, logger, random: createSeededRandom(after) };
    const options = { prefix: after, leaseMs: 300 };
    const holder = createRedisLeasedBudget({ ...parts, clock }, options);
    const next = createRedisLeasedBudget({ ...parts, clock: systemClock }, options);
    const key: BudgetKey = { provider: 'taapi', scope: 'apiKey', id: 'plan' };
    const limit = { windowMs: 200, weightMax: 1 };
    const held = await holder.acquire(key, limit);
    await systemClock.sleep(300);
    expect(await next.acquire(key, limit)).toMatchObject({ kind: 'deferred' });
    await systemClock.sleep(500);
    expect((await next.acquire(key, limit)).kind).toBe(after);
    if (held.kind === 'granted') await holder.complete(key, held.slotId, limit);
  });

  test('processes that share an address share its count', async () => {
    const other = createRedisWindowBudget({ redis, clock: systemClock, logger });
    const key: BudgetKey = { provider: 'binance', scope: 'address', id: 'shared' };
    const grants = await Promise.all(
      Array.from({ length: 120 }, (_, index) =>
        (index % 2 === 0 ? budgets.windows : other).reserve([{ key, weight: 30 }], {
          providerNowMs: T0 + 500,
          priority: 'normal',
        }),
      ),
    );
    expect(grants.filter(({ kind }) => kind === 'granted')).toHaveLength(72);
  });

  test('a wiped Redis counts again from the next header', async () => {
    const key: BudgetKey = { provider: 'binance', scope: 'address', id: 'wiped' };
    await budgets.windows.reserve([{ key, weight: 5 }], {
      providerNowMs: T0 + 500,
      priority: 'normal',
    });
    await redis.flushall();
    await budgets.windows.settle(key, {
      weight: 5,
      reservedAtMs: T0 + 500,
      answeredAtMs: T0 + 600,
      usages: [{ windowMs: 60_000, weightUsed: 2_300 }],
    });
    expect(await budgets.windows.read(key, T0 + 700)).toMatchObject({ weightUsed: 2_300 });
  });
});

describe('a Redis that comes back with nothing', () => {
  const server = useTestRedis();
  const key: BudgetKey = { provider: 'binance', scope: 'address', id: 'emptied' };
  const at = (providerNowMs: number, priority: 'normal' | 'protective' = 'normal') => ({
    providerNowMs,
    priority,
  });

  test('is told by each process what that had counted and what is refused until when', async () => {
    const redis = connectRedis({ url: server.url, name: 'emptied', logger, mode: 'command' });
    const create = () => createRedisWindowBudget({ redis, clock: systemClock, logger });
    const [one, other] = [create(), create()];
    await one.reserve([{ key, weight: 1_000 }], at(T0 + 500));
    await other.reserve([{ key, weight: 1_100 }], at(T0 + 600));
    await redis.flushall();
    // The first knew of 1,000 only; it may not go on as if the other had sent nothing.
    expect(await one.reserve([{ key, weight: 100 }], at(T0 + 700))).toMatchObject({
      kind: 'granted',
    });
    expect(await other.reserve([{ key, weight: 100 }], at(T0 + 800))).toMatchObject({
      kind: 'deferred',
      reason: 'AddressBudgetSpent',
    });
    await redis.flushall();
    // Close to the turn the window before still counts.
    expect(await other.reserve([{ key, weight: 100 }], at(T0 + 60_050))).toMatchObject({
      kind: 'deferred',
      retryAtMs: T0 + 60_100,
    });
    await one.block(key, T0 + 300_000);
    await redis.flushall();
    expect(await one.reserve([{ key, weight: 1 }], at(T0 + 200_000, 'protective'))).toMatchObject({
      kind: 'deferred',
      reason: 'AddressBanned',
    });
    redis.disconnect();
  });
});

describe('without redis', () => {
  test('normal requests are deferred, protective ones go on under a small allowance', async () => {
    const redis = connectRedis({
      url: 'redis://127.0.0.1:1',
      name: 'nowhere',
      logger,
      mode: 'command',
    });
    const clock = createManualClock();
    const budget = createRedisWindowBudget({ redis, clock, logger }, { allowanceWithoutRedis: 2 });
    const key: BudgetKey = { provider: 'binance', scope: 'address', id: 'away' };
    const ask = async (priority: 'normal' | 'protective') =>
      (await budget.reserve([{ key, weight: 1 }], { providerNowMs: T0, priority })).kind;
    expect(await ask('normal')).toBe('deferred');
    expect(await ask('protective')).toBe('granted');
    expect(await ask('protective')).toBe('granted');
    expect(await ask('protective')).toBe('deferred');
    clock.advance(10_000);
    expect(await ask('protective')).toBe('granted');
    redis.disconnect();
  });

  test('the small allowance ends where the last header said that the window is full', async () => {
    const redis = connectRedis({
      url: 'redis://127.0.0.1:1',
      name: 'nowhere',
      logger,
      mode: 'command',
    });
    const budget = createRedisWindowBudget({ redis, clock: createManualClock(), logger });
    const key: BudgetKey = { provider: 'binance', scope: 'address', id: 'full' };
    const ask = (providerNowMs: number) =>
      budget.reserve([{ key, weight: 1 }], { providerNowMs, priority: 'protective' });
    expect(await ask(T0 + 100)).toMatchObject({ kind: 'granted' });
    const settled = budget.settle(key, {
      weight: 1,
      reservedAtMs: T0 + 100,
      answeredAtMs: T0 + 200,
      usages: [{ windowMs: 60_000, weightUsed: 2_400 }],
    });
    await expect(settled).rejects.toThrow(/./u);
    expect(await ask(T0 + 300)).toMatchObject({ kind: 'deferred', retryAtMs: T0 + 60_000 });
    expect(await ask(T0 + 60_000)).toMatchObject({ kind: 'granted' });
    redis.disconnect();
  });
});
