/**
 * queues: the lanes; the port, its BullMQ adapter, and a memory adapter that passes the same suite.
 *
 * Also the signals between processes, over Redis or within one process. Not a store: a job holds a step id and
 * nothing else, and losing every job loses nothing. Only `bullmq/` knows the queue library.
 */
export { createBullmqQueues } from './bullmq/bullmq-queues.ts';
export { listenTo } from './listen.ts';
export { createMemoryQueues, type MemoryQueues } from './memory/memory-queues.ts';
export { createMemorySignals } from './memory/memory-signals.ts';
export { queueNameOf } from './queue-name.ts';
export { findQueueTrouble, type QueueTrouble } from './queue-trouble.ts';
export type {
  LaneQueue,
  QueueConsumer,
  QueuedStep,
  Queues,
  SignalChannel,
  Signals,
} from './queues.ts';
export { createRedisSignals } from './redis-signals.ts';
