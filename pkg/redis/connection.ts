import { Redis } from 'ioredis';

import { toError } from '#pkg/base';
import type { Logger } from '#pkg/observability';

export type RedisConnection = Redis;

export interface RedisOptions {
  readonly url: string;
  /** Shown by CLIENT LIST. */
  readonly name: string;
  readonly logger: Logger;
  /** Blocking consumers wait for ever; everybody else fails fast while Redis is away. */
  readonly mode: 'command' | 'blocking' | 'subscriber';
}

const RECONNECT_MS_MAX = 1_000;
const COMMAND_TIMEOUT_MS = 2_000;

/**
 * Returns a connection that keeps reconnecting (at most 1 s apart) until it is closed.
 *
 * Commands on a `command` connection reject after 2 s without an answer, so that a caller can refuse work
 * instead of hanging.
 */
export function connectRedis(options: RedisOptions): RedisConnection {
  const { url, name, logger, mode } = options;
  const isCommand = mode === 'command';
  const redis = new Redis(url, {
    connectionName: name,
    maxRetriesPerRequest: isCommand ? 1 : null,
    ...(isCommand ? { commandTimeout: COMMAND_TIMEOUT_MS } : {}),
    // A ready check is an ordinary command, which a subscribed connection may not send when it reconnects.
    enableReadyCheck: mode !== 'subscriber',
    retryStrategy: (attempt) => Math.min(RECONNECT_MS_MAX, 50 * 2 ** Math.min(attempt, 6)),
    enableAutoPipelining: isCommand,
  });
  let isLost = false;
  redis.on('error', (error: unknown) => {
    if (!isLost) logger.warn({ err: toError(error) }, 'redis connection lost');
    isLost = true;
  });
  redis.on('ready', () => {
    if (isLost) logger.info({}, 'redis connection back');
    isLost = false;
  });
  return redis;
}
