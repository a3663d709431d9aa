import { createHash } from 'node:crypto';

import { toError } from '#pkg/base';
import type { RedisConnection } from '#pkg/redis';

/** Runs one Lua script atomically on the server. */
export type RedisScript = (
  keys: readonly string[],
  args: readonly (string | number)[],
) => Promise<unknown>;

/** Returns a runner that sends the script's hash, and its text only to a server that does not know it. */
export function createRedisScript(redis: RedisConnection, lua: string): RedisScript {
  const hash = createHash('sha1').update(lua).digest('hex');
  return async (keys, args) => {
    try {
      return await redis.evalsha(hash, keys.length, ...keys, ...args);
    } catch (error) {
      if (!toError(error).message.startsWith('NOSCRIPT')) throw error;
      return redis.eval(lua, keys.length, ...keys, ...args);
    }
  };
}
