import { toError, type Clock, type Random } from '#pkg/base';
import type { Logger } from '#pkg/observability';
import type { RedisConnection } from '#pkg/redis';

import type { BudgetKey, LeasedBudget } from '../budget.ts';
import { budgetKeyText } from '../limits.ts';
import { spentReason } from '../reading.ts';
import { createRedisScript, type RedisScript } from './script.ts';

/** A sorted set of slots, scored with the time (Redis TIME, ms) at which each returns. */
const CLOCK = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local function hold(slot, ms)
  redis.call('ZADD', KEYS[1], now + ms, slot)
  if redis.call('PTTL', KEYS[1]) < ms + 1000 then redis.call('PEXPIRE', KEYS[1], ms + 1000) end
end
`;

/** ARGV: slot id, slots, lease ms. Returns -1 when granted, else the ms until the first slot returns. */
const ACQUIRE_SCRIPT = `${CLOCK}
if redis.call('ZCARD', KEYS[1]) < tonumber(ARGV[2]) then
  hold(ARGV[1], tonumber(ARGV[3]))
  return -1
end
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return math.max(1, math.ceil(tonumber(first[2]) - now))
`;

/** ARGV: lease ms, slot ids. */
const RENEW_SCRIPT = `${CLOCK}
for i = 2, #ARGV do hold(ARGV[i], tonumber(ARGV[1])) end
return 1
`;

/** ARGV: slot id, window ms. */
const COMPLETE_SCRIPT = `${CLOCK}
hold(ARGV[1], tonumber(ARGV[2]))
return 1
`;

/** A slot whose holder has said nothing for so long returns after one more window: its process is gone. */
const LEASE_MS = 6_000;
/** How often in that time a holder says that it still waits for an answer. */
const RENEWALS = 3;
const REDIS_AWAY_RETRY_MS = 1_000;

/**
 * Returns the completion-leased log that every process with the same API key shares. Fails closed without Redis.
 *
 * What a killed process had under way returns a few seconds later than an answer would have let it, and no more.
 */
export function createRedisLeasedBudget(
  dependencies: {
    readonly redis: RedisConnection;
    readonly clock: Clock;
    readonly random: Random;
    readonly logger: Logger;
  },
  options: { readonly prefix?: string; readonly leaseMs?: number } = {},
): LeasedBudget {
  const { redis, clock, random, logger } = dependencies;
  const { prefix = 'kraite:budget', leaseMs: silentMs = LEASE_MS } = options;
  const acquireScript = createRedisScript(redis, ACQUIRE_SCRIPT);
  const completeScript = createRedisScript(redis, COMPLETE_SCRIPT);
  const nameOf = (key: BudgetKey): string => `${prefix}:lease:${budgetKeyText(key)}`;
  const renew = createRedisScript(redis, RENEW_SCRIPT);
  const held = createHeldSlots({ clock, logger, renew }, silentMs / RENEWALS);
  return {
    acquire: async (key, limit) => {
      const slotId = makeSlotId(random);
      const leaseMs = limit.windowMs + silentMs;
      try {
        const reply = await acquireScript([nameOf(key)], [slotId, limit.weightMax, leaseMs]);
        const waitMs = Number(reply);
        if (waitMs < 0) {
          held.add(nameOf(key), slotId, leaseMs);
          return { kind: 'granted', slotId };
        }
        const retryAfterMs = Math.min(limit.windowMs, waitMs);
        return { kind: 'deferred', retryAfterMs, reason: spentReason(key) };
      } catch (error) {
        logger.warn({ err: toError(error) }, 'provider slot not acquired: redis is away');
        return { kind: 'deferred', retryAfterMs: REDIS_AWAY_RETRY_MS, reason: 'BudgetUnreadable' };
      }
    },
    complete: async (key, slotId, limit) => {
      held.remove(slotId);
      try {
        await completeScript([nameOf(key)], [slotId, limit.windowMs]);
      } catch (error) {
        // The slot then returns with its lease, which was renewed until now: never much too early.
        logger.warn({ err: toError(error) }, 'provider slot not completed: redis is away');
      }
    },
  };
}

/** Slots of this process that wait for an answer; it says so while there are any. */
function createHeldSlots(
  dependencies: { readonly clock: Clock; readonly logger: Logger; readonly renew: RedisScript },
  renewEveryMs: number,
) {
  const { clock, logger, renew } = dependencies;
  const slots = new Map<string, { readonly name: string; readonly leaseMs: number }>();
  let isScheduled = false;

  const renewAll = async (): Promise<void> => {
    const groups = Map.groupBy(slots, ([, { name, leaseMs }]) => `${leaseMs} ${name}`);
    for (const group of groups.values()) {
      // Those that were answered while another group was renewed hold their window already.
      const waiting = group.filter(([slotId]) => slots.has(slotId));
      const [, lease] = waiting[0] ?? [];
      if (lease === undefined) continue;
      await renew([lease.name], [lease.leaseMs, ...waiting.map(([slotId]) => slotId)]);
    }
  };
  const beat = async (): Promise<void> => {
    try {
      await renewAll();
    } catch (error) {
      logger.warn({ err: toError(error) }, 'provider slots not renewed: redis is away');
    }
    isScheduled = false;
    schedule();
  };
  const schedule = (): void => {
    if (isScheduled || slots.size === 0) return;
    isScheduled = true;
    clock.schedule(renewEveryMs, () => void beat());
  };
  return {
    add: (name: string, slotId: string, leaseMs: number): void => {
      slots.set(slotId, { name, leaseMs });
      schedule();
    },
    remove: (slotId: string): void => void slots.delete(slotId),
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
