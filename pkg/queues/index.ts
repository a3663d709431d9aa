/** queues: the lanes; the port, its BullMQ adapter, and a memory adapter that passes the same suite. */
export type {
  LaneQueue,
  QueueConsumer,
  QueuedStep,
  Queues,
  SignalChannel,
  Signals,
} from './queues.ts';
