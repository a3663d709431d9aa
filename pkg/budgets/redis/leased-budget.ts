import { toError, type Random } from '#pkg/base';
import type { Logger } from '#pkg/observability';
import type { RedisConnection } from '#pkg/redis';

import type { LeasedBudget } from '../budget.ts';
import { budgetKeyText } from '../limits.ts';
import { LEASE_MS_MAX } from '../memory/leased-budget.ts';
import { spentReason } from '../reading.ts';
import { createRedisScript } from './script.ts';

/** A sorted set of slots, scored with the time (Redis TIME, ms) at which each returns. */
const CLOCK = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
`;

/** ARGV: slot id, slots, lease ms. Returns -1 when granted, else the ms until the first slot returns. */
const ACQUIRE_SCRIPT = `${CLOCK}
if redis.call('ZCARD', KEYS[1]) < tonumber(ARGV[2]) then
  redis.call('ZADD', KEYS[1], now + tonumber(ARGV[3]), ARGV[1])
  redis.call('PEXPIRE', KEYS[1], tonumber(ARGV[3]) + 1000)
  return -1
end
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return math.max(1, math.ceil(tonumber(first[2]) - now))
`;

/** ARGV: slot id, window ms. */
const COMPLETE_SCRIPT = `${CLOCK}
if redis.call('ZSCORE', KEYS[1], ARGV[1]) then
  redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]), ARGV[1])
end
return 1
`;

const REDIS_AWAY_RETRY_MS = 1_000;

/** Returns the completion-leased log that every process with the same API key shares. Fails closed without Redis. */
export function createRedisLeasedBudget(
  dependencies: {
    readonly redis: RedisConnection;
    readonly random: Random;
    readonly logger: Logger;
  },
  options: { readonly prefix?: string } = {},
): LeasedBudget {
  const { redis, random, logger } = dependencies;
  const prefix = options.prefix ?? 'kraite:budget';
  const acquireScript = createRedisScript(redis, ACQUIRE_SCRIPT);
  const completeScript = createRedisScript(redis, COMPLETE_SCRIPT);
  return {
    acquire: async (key, limit) => {
      const slotId = makeSlotId(random);
      try {
        const reply = await acquireScript(
          [`${prefix}:lease:${budgetKeyText(key)}`],
          [slotId, limit.weightMax, limit.windowMs + LEASE_MS_MAX],
        );
        const waitMs = Number(reply);
        if (waitMs < 0) return { kind: 'granted', slotId };
        const retryAfterMs = Math.min(limit.windowMs, waitMs);
        return { kind: 'deferred', retryAfterMs, reason: spentReason(key) };
      } catch (error) {
        logger.warn({ err: toError(error) }, 'provider slot not acquired: redis is away');
        return { kind: 'deferred', retryAfterMs: REDIS_AWAY_RETRY_MS, reason: 'BudgetUnreadable' };
      }
    },
    complete: async (key, slotId, limit) => {
      try {
        await completeScript([`${prefix}:lease:${budgetKeyText(key)}`], [slotId, limit.windowMs]);
      } catch (error) {
        // The slot then returns later, with its lease: never too early.
        logger.warn({ err: toError(error) }, 'provider slot not completed: redis is away');
      }
    },
  };
}

/** 96 bits: no two of the few dozen slots that live at once are alike. */
function makeSlotId(random: Random): string {
  return Array.from({ length: 4 }, () =>
    random
      .integer(2 ** 24)
      .toString(16)
      .padStart(6, '0'),
  ).join('');
}
