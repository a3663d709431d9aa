import { createSilentLogger } from '#pkg/observability';
import {
  createBullmqQueues,
  createMemoryQueues,
  createMemorySignals,
  createRedisSignals,
} from '#pkg/queues';
import { flushRedis } from '../harness/flush-redis.ts';
import { useTestRedis } from '../harness/index.ts';
import { queuesConformance } from './queues.ts';

const logger = createSilentLogger();

queuesConformance('memory', () => {
  const queues = createMemoryQueues({ logger });
  return Promise.resolve({
    queues,
    signals: createMemorySignals(),
    wipe: () => Promise.resolve(queues.wipe()),
  });
});

const redis = useTestRedis();

queuesConformance('bullmq', () => {
  const options = { url: redis.url, namespace: 'conformance', name: 'test', logger };
  return Promise.resolve({
    queues: createBullmqQueues(options),
    signals: createRedisSignals(options),
    wipe: () => flushRedis(redis.url),
  });
});
