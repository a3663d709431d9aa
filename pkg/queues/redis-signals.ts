import { toError } from '#pkg/base';
import type { Logger } from '#pkg/observability';
import { connectRedis } from '#pkg/redis';
import type { SignalChannel, Signals } from './queues.ts';

/** Returns signals over Redis publish/subscribe; what is published while Redis is away is lost, by contract. */
export function createRedisSignals(options: {
  readonly url: string;
  /** First part of every key and channel, so that fleets and tests share a Redis. */
  readonly namespace: string;
  /** Shown by CLIENT LIST. */
  readonly name: string;
  readonly logger: Logger;
}): Signals {
  const { url, namespace, name, logger } = options;
  const publisher = connectRedis({ url, name: `${name}-publish`, logger, mode: 'command' });
  const subscriber = connectRedis({ url, name: `${name}-subscribe`, logger, mode: 'subscriber' });
  const listeners = new Map<string, Set<(payload: string) => void>>();
  const keyOf = (channel: SignalChannel): string => `${namespace}:signal:${channel}`;

  subscriber.on('message', (key: string, payload: string) => {
    for (const listen of listeners.get(key) ?? []) {
      try {
        listen(payload);
      } catch (error) {
        logger.error({ err: toError(error), channel: key }, 'listener of a signal failed');
      }
    }
  });
  return {
    publish: async (channel, payload) => {
      await publisher.publish(keyOf(channel), payload);
    },
    subscribe: async (channel, listen) => {
      const key = keyOf(channel);
      const own = (payload: string): void => listen(payload);
      const known = listeners.get(key) ?? new Set();
      listeners.set(key, known.add(own));
      if (known.size === 1) await subscriber.subscribe(key);
      return async () => {
        known.delete(own);
        // Not waited for: nothing is heard any more, and without Redis the answer would not come.
        if (known.size === 0) {
          subscriber.unsubscribe(key).catch(() => logger.debug({ channel }, 'not unsubscribed'));
        }
        return Promise.resolve();
      };
    },
    [Symbol.asyncDispose]: async () => {
      listeners.clear();
      subscriber.disconnect();
      publisher.disconnect();
      return Promise.resolve();
    },
  };
}
