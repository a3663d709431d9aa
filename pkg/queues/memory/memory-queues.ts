import { toError } from '#pkg/base';
import type { StepId } from '#pkg/domain';
import type { Logger } from '#pkg/observability';
import { queueNameOf } from '../queue-name.ts';
import type { QueueConsumer, QueuedStep, Queues } from '../queues.ts';

interface Waiting {
  readonly jobId: string;
  readonly stepId: StepId;
}

interface MemoryQueue {
  urgent: Waiting[];
  ordinary: Waiting[];
  /** Waiting or taken: what a double is told by. */
  readonly jobIds: Set<string>;
  readonly consumers: Set<() => void>;
}

export interface MemoryQueues extends Queues {
  /** Loses everything, as a wiped Redis does. */
  wipe(): void;
}

/** Returns queues in this process: first urgent, then first in, first out; jobs are handed out in microtasks. */
export function createMemoryQueues(dependencies: { readonly logger: Logger }): MemoryQueues {
  const queues = new Map<string, MemoryQueue>();
  let isPrimed = false;
  const queueOf = (name: string): MemoryQueue => {
    const known = queues.get(name);
    if (known !== undefined) return known;
    const made: MemoryQueue = {
      urgent: [],
      ordinary: [],
      jobIds: new Set(),
      consumers: new Set(),
    };
    queues.set(name, made);
    return made;
  };
  return {
    enqueue: (steps) => {
      for (const step of steps) put(queueOf(queueNameOf(step.queue)), step);
      return Promise.resolve();
    },
    consume: (queue, take) => consume(queueOf(queueNameOf(queue)), take, dependencies.logger),
    depths: (wanted) =>
      Promise.resolve(
        new Map(
          wanted.map((queue) => {
            const name = queueNameOf(queue);
            const { urgent, ordinary } = queueOf(name);
            return [name, urgent.length + ordinary.length];
          }),
        ),
      ),
    isPrimed: () => Promise.resolve(isPrimed),
    prime: () => {
      isPrimed = true;
      return Promise.resolve();
    },
    wipe: () => {
      isPrimed = false;
      for (const queue of queues.values()) {
        queue.urgent = [];
        queue.ordinary = [];
        queue.jobIds.clear();
      }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function put(queue: MemoryQueue, { stepId, epoch, isUrgent }: QueuedStep): void {
  const jobId = `${stepId}-${epoch}`;
  if (queue.jobIds.has(jobId)) return;
  queue.jobIds.add(jobId);
  (isUrgent ? queue.urgent : queue.ordinary).push({ jobId, stepId });
  for (const serve of queue.consumers) queueMicrotask(serve);
}

function consume(
  queue: MemoryQueue,
  take: (stepId: StepId) => Promise<void>,
  logger: Logger,
): QueueConsumer {
  const running = new Set<Promise<void>>();
  let slots = 0;
  let isPaused = false;
  const run = async ({ jobId, stepId }: Waiting): Promise<void> => {
    try {
      await take(stepId);
    } catch (error) {
      logger.warn({ err: toError(error), step: stepId }, 'job failed; its row decides');
    }
    queue.jobIds.delete(jobId);
  };
  const serve = (): void => {
    while (!isPaused && running.size < slots) {
      const next = queue.urgent.shift() ?? queue.ordinary.shift();
      if (next === undefined) return;
      const done: Promise<void> = run(next).finally(() => {
        running.delete(done);
        serve();
      });
      running.add(done);
    }
  };
  queue.consumers.add(serve);
  return {
    setSlots: (wanted) => {
      slots = wanted;
      queueMicrotask(serve);
    },
    pause: () => {
      isPaused = true;
    },
    resume: () => {
      isPaused = false;
      queueMicrotask(serve);
    },
    [Symbol.asyncDispose]: async () => {
      isPaused = true;
      queue.consumers.delete(serve);
      await Promise.all(running);
    },
  };
}
