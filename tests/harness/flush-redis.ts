import { connectRedis } from '#pkg/redis';
import { createSilentLogger } from '#pkg/observability';

/** Deletes everything that the Redis at `url` holds. */
export async function flushRedis(url: string): Promise<void> {
  const redis = connectRedis({ url, name: 'flush', logger: createSilentLogger(), mode: 'command' });
  await redis.flushall();
  redis.disconnect();
}
