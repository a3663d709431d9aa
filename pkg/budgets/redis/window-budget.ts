import { toError, type Clock } from '#pkg/base';
import type { Logger } from '#pkg/observability';
import type { RedisConnection } from '#pkg/redis';

import type {
  BudgetKey,
  BudgetLimit,
  BudgetReading,
  BudgetRequest,
  Reservation,
  WindowBudget,
} from '../budget.ts';
import {
  budgetKeyText,
  DEFAULT_WINDOW_BUDGET_OPTIONS,
  documentedLimits,
  type WindowBudgetOptions,
} from '../limits.ts';
import { blockedReason, spentReason, tightestReading } from '../reading.ts';
import { createLocalAllowance } from './local-allowance.ts';
import { createRedisScript } from './script.ts';
import { BLOCK_SCRIPT, READ_SCRIPT, RESERVE_SCRIPT, SETTLE_SCRIPT } from './window-scripts.ts';

export interface RedisWindowBudgetOptions extends WindowBudgetOptions {
  /** While Redis is away, each process may send this many protective requests for each key in 10 s. */
  readonly allowanceWithoutRedis: number;
  /** First part of every Redis key. */
  readonly prefix: string;
}

const DEFAULT_OPTIONS: RedisWindowBudgetOptions = {
  ...DEFAULT_WINDOW_BUDGET_OPTIONS,
  allowanceWithoutRedis: 20,
  prefix: 'kraite:budget',
};

const REDIS_AWAY_RETRY_MS = 1_000;
const BLOCK_KEPT_MS_MIN = 600_000;

/**
 * Returns the window budget that every process with the same address or account shares.
 *
 * Without Redis it fails closed: normal requests are deferred, protective ones go on under a small local
 * allowance. A wiped Redis counts again from the next headers.
 */
export function createRedisWindowBudget(
  dependencies: { readonly redis: RedisConnection; readonly clock: Clock; readonly logger: Logger },
  options: Partial<RedisWindowBudgetOptions> = {},
): WindowBudget {
  const { redis, clock, logger } = dependencies;
  const { protectiveShare, clockGuardMs, allowanceWithoutRedis, prefix } = {
    ...DEFAULT_OPTIONS,
    ...options,
  };
  const scripts = createScripts(redis);
  const limitsKey = `${prefix}:limits`;
  const nameOf = (key: BudgetKey): string => `${prefix}:${budgetKeyText(key)}`;
  const reserveWithoutRedis = createFallback(clock, allowanceWithoutRedis);
  let awayUntilMs = Number.NEGATIVE_INFINITY;

  return {
    reserve: async (requests, { providerNowMs, priority }) => {
      const isProtective = priority === 'protective';
      if (clock.monotonicMs() < awayUntilMs) {
        return reserveWithoutRedis(requests, providerNowMs, isProtective);
      }
      try {
        const reply = await scripts.reserve(
          [limitsKey, ...requests.map(({ key }) => nameOf(key))],
          [
            providerNowMs,
            isProtective ? 1 : 1 - protectiveShare,
            clockGuardMs,
            ...requests.flatMap(({ key, weight }) => [...scopeArguments(key), weight]),
          ],
        );
        return decodeReservation(reply, requests);
      } catch (error) {
        awayUntilMs = clock.monotonicMs() + REDIS_AWAY_RETRY_MS;
        logger.warn({ err: toError(error) }, 'budget not reserved: redis is away');
        return reserveWithoutRedis(requests, providerNowMs, isProtective);
      }
    },
    settle: async (key, { weight, reservedAtMs, answeredAtMs, usages }) => {
      await scripts.settle(
        [limitsKey, nameOf(key)],
        [
          ...scopeArguments(key),
          weight,
          reservedAtMs,
          answeredAtMs,
          clockGuardMs,
          ...usages.flatMap(({ windowMs, weightUsed }) => [windowMs, weightUsed]),
        ],
      );
    },
    block: async (key, untilMs) => {
      const keptMs = Math.max(BLOCK_KEPT_MS_MIN, untilMs - clock.nowMs() + BLOCK_KEPT_MS_MIN);
      await scripts.block([nameOf(key)], [Math.ceil(untilMs), Math.ceil(keptMs)]);
    },
    setLimits: async (provider, scope, limits) => {
      await redis.hset(limitsKey, `${provider}:${scope}`, encodeLimits(limits));
    },
    read: async (key, providerNowMs) => {
      const reply = await scripts.read(
        [limitsKey, nameOf(key)],
        [...scopeArguments(key), providerNowMs],
      );
      return decodeReading(reply, providerNowMs);
    },
  };
}

/** Returns what to answer while nobody counts for the fleet. */
function createFallback(clock: Clock, countMax: number) {
  const allowance = createLocalAllowance(clock, countMax);
  return (requests: readonly BudgetRequest[], nowMs: number, isProtective: boolean): Reservation =>
    isProtective && allowance.take(requests.map(({ key }) => budgetKeyText(key)))
      ? { kind: 'granted' }
      : { kind: 'deferred', retryAtMs: nowMs + REDIS_AWAY_RETRY_MS, reason: 'BudgetUnreadable' };
}

function createScripts(redis: RedisConnection) {
  return {
    reserve: createRedisScript(redis, RESERVE_SCRIPT),
    settle: createRedisScript(redis, SETTLE_SCRIPT),
    block: createRedisScript(redis, BLOCK_SCRIPT),
    read: createRedisScript(redis, READ_SCRIPT),
  };
}

function scopeArguments(key: BudgetKey): readonly [string, string] {
  return [`${key.provider}:${key.scope}`, encodeLimits(documentedLimits(key.scope))];
}

function encodeLimits(limits: readonly BudgetLimit[]): string {
  return JSON.stringify(limits.map(({ windowMs, weightMax }) => [windowMs, weightMax]));
}

function decodeReading(reply: unknown, nowMs: number): BudgetReading {
  const [blockedUntilMs = 0, ...numbers] = (reply as readonly string[]).map(Number);
  const readings = numbers.flatMap((windowMs, index) =>
    index % 3 === 0
      ? [{ windowMs, weightMax: numbers[index + 1] ?? 0, weightUsed: numbers[index + 2] ?? 0 }]
      : [],
  );
  return tightestReading(readings, blockedUntilMs, nowMs);
}

function decodeReservation(reply: unknown, requests: readonly BudgetRequest[]): Reservation {
  const [kind, index, untilMs] = reply as readonly [string, number?, string?];
  const key = requests[(index ?? 1) - 1]?.key;
  if (kind === 'granted' || key === undefined) return { kind: 'granted' };
  return {
    kind: 'deferred',
    retryAtMs: Number(untilMs),
    reason: kind === 'blocked' ? blockedReason(key) : spentReason(key),
  };
}
