import { toError, type Clock } from '#pkg/base';
import type { Logger } from '#pkg/observability';
import type { RedisConnection } from '#pkg/redis';

import {
  CONNECT_WINDOW_MS,
  createMemoryConnectAllowance,
  type ConnectAllowance,
  type ConnectAllowanceOptions,
} from './connect-allowance.ts';

export interface RedisConnectAllowanceOptions extends ConnectAllowanceOptions {
  /** The address that the connections leave from. */
  readonly address: string;
}

/** Without the shared count every process of the address keeps to so many: both together stay far below the limit. */
const BLIND_CONNECTS_MAX = 60;

/** One member for each connection, scored by Redis' own time: processes with other clocks share it. */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local window = tonumber(ARGV[1])
local most = tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
local count = redis.call('ZCARD', KEYS[1])
if count >= most then
  local blocking = redis.call('ZRANGE', KEYS[1], count - most, count - most, 'WITHSCORES')
  return tonumber(blocking[2]) + window - now
end
redis.call('ZADD', KEYS[1], now, time[1] .. '.' .. time[2] .. '.' .. ARGV[3])
redis.call('PEXPIRE', KEYS[1], window)
return 0`;

/**
 * Returns the allowance that all processes of one address share.
 *
 * A process that crashes and starts again finds what it used before, so no restart becomes a storm. While Redis is away
 * a small allowance of this process holds.
 */
export function createRedisConnectAllowance(
  dependencies: {
    readonly redis: RedisConnection;
    readonly clock: Clock;
    readonly logger: Logger;
    /** Tells connections of one instant apart. */
    readonly makeId: () => string;
  },
  { address, connectsMax, windowMs = CONNECT_WINDOW_MS }: RedisConnectAllowanceOptions,
): ConnectAllowance {
  const { redis, clock, logger, makeId } = dependencies;
  const key = `kraite:connects:${address}`;
  const blind = createMemoryConnectAllowance({ clock }, { connectsMax: BLIND_CONNECTS_MAX });
  return {
    take: async () => {
      try {
        const waitMs = await redis.eval(TAKE, 1, key, windowMs, connectsMax, makeId());
        return Number(waitMs);
      } catch (error) {
        logger.warn({ err: toError(error) }, 'connections counted here only: redis is away');
        return blind.take();
      }
    },
  };
}
