import { Queue, type JobsOptions } from 'bullmq';

import type { Logger } from '#pkg/observability';
import { connectRedis } from '#pkg/redis';
import { queueNameOf } from '../queue-name.ts';
import { primedKeyOf } from '../queue-trouble.ts';
import type { QueuedStep, Queues } from '../queues.ts';
import { startConsumer } from './consumer.ts';

/** BullMQ takes jobs without a priority first, so urgent ones have none. */
const ORDINARY_PRIORITY = 1;

/**
 * Returns the lanes as BullMQ queues.
 *
 * A job's id is the step's id and epoch, so a double is dropped while the first one waits or runs; an ended job
 * leaves nothing behind. Retries, delays, flows and schedulers are off.
 */
export function createBullmqQueues(options: {
  readonly url: string;
  /** Hash tag of every key, so that fleets and tests share a Redis. */
  readonly namespace: string;
  /** Shown by CLIENT LIST. */
  readonly name: string;
  readonly logger: Logger;
}): Queues {
  const { url, namespace, name, logger } = options;
  const prefix = `{${namespace}}`;
  const commands = connectRedis({ url, name: `${name}-queues`, logger, mode: 'command' });
  const consuming = connectRedis({ url, name: `${name}-consumers`, logger, mode: 'blocking' });
  const queues = new Map<string, Queue>();
  const consumers = new Set<AsyncDisposable>();
  const open = (queueName: string): Queue => {
    const known = queues.get(queueName);
    if (known !== undefined) return known;
    const made = new Queue(queueName, {
      connection: commands,
      prefix,
      skipVersionCheck: true,
      skipMetasUpdate: true,
    });
    // The connection logs its own loss; a command that fails rejects to its caller.
    made.on('error', (error) => logger.debug({ err: error, queue: queueName }, 'queue error'));
    queues.set(queueName, made);
    return made;
  };
  return {
    enqueue: async (steps) => {
      const byQueue = Map.groupBy(steps, (step) => queueNameOf(step.queue));
      await Promise.all(
        [...byQueue].map(([queue, members]) => open(queue).addBulk(members.map(toJob))),
      );
    },
    consume: (queue, take) => {
      const consumer = startConsumer({
        queueName: queueNameOf(queue),
        connection: consuming,
        prefix,
        logger,
        take,
      });
      consumers.add(consumer);
      return consumer;
    },
    depths: async (wanted) => {
      const names = wanted.map((queue) => queueNameOf(queue));
      const counts = await Promise.all(
        names.map((queue) => open(queue).getJobCountByTypes('wait', 'prioritized')),
      );
      return new Map(names.map((queue, index) => [queue, counts[index] ?? 0]));
    },
    isPrimed: async () => (await commands.exists(primedKeyOf(prefix))) === 1,
    prime: async () => {
      await commands.set(primedKeyOf(prefix), '1');
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...consumers].map((consumer) => consumer[Symbol.asyncDispose]()));
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      commands.disconnect();
      consuming.disconnect();
    },
  };
}

function toJob({ stepId, epoch, isUrgent }: QueuedStep): {
  name: string;
  data: { stepId: string };
  opts: JobsOptions;
} {
  return {
    name: 'step',
    data: { stepId },
    opts: {
      jobId: `${stepId}-${epoch}`,
      ...(isUrgent ? {} : { priority: ORDINARY_PRIORITY }),
      attempts: 1,
      removeOnComplete: true,
      removeOnFail: true,
      stackTraceLimit: 0,
    },
  };
}
