import type { Clock, Random } from '#pkg/base';
import type { StepId } from '#pkg/domain';
import type { QueuedStep, Queues, SignalChannel, Signals } from '#pkg/queues';
import type { Life } from './life.ts';

/**
 * A queue server in memory that behaves as badly as one may: jobs come late, twice, out of order, or are wiped; a job
 * whose process died comes back after a while.
 */
export interface QueueServer {
  /** Returns the queues as one process reaches them. */
  connect(life: Life): Queues;
  connectSignals(life: Life): Signals;
  /** Everything that waits is lost, and so is the marker. */
  wipe(): void;
}

export interface QueueFaults {
  readonly doubled: number;
  readonly delayed: number;
  readonly refused: number;
  readonly signalLost: number;
}

interface Job {
  readonly key: string;
  readonly queue: string;
  readonly step: QueuedStep;
}

interface Consumer {
  readonly life: Life;
  readonly queue: string;
  readonly take: (stepId: StepId) => Promise<void>;
  slots: number;
  isPaused: boolean;
  readonly running: Set<Job>;
}

const STALLED_CHECK_MS = 1_000;
const STALLED_MS = 2_500;
const DELAY_MS_MAX = 3_000;

export function createQueueServer(options: {
  readonly clock: Clock;
  readonly random: Random;
  readonly faults: () => QueueFaults;
}): QueueServer {
  const { clock, random, faults } = options;
  const consumers = new Set<Consumer>();
  const keys = new Set<string>();
  const listeners = new Set<{
    readonly life: Life;
    readonly channel: SignalChannel;
    readonly listen: (payload: string) => void;
  }>();
  let waiting: Job[] = [];
  let isPrimed = false;

  const serve = (): void => {
    for (const consumer of consumers) {
      while (
        !consumer.isPaused &&
        !consumer.life.isDead() &&
        consumer.running.size < consumer.slots
      ) {
        const mine = waiting.filter((job) => job.queue === consumer.queue);
        const job = mine.find(({ step }) => step.isUrgent) ?? mine[0];
        if (job === undefined) break;
        waiting = waiting.filter((other) => other !== job);
        void run(consumer, job);
        if (random.next() < faults().doubled) later(job, random.next() * DELAY_MS_MAX);
      }
    }
  };
  const later = (job: Job, delayMs: number): void => {
    clock.schedule(delayMs, () => {
      waiting.push(job);
      serve();
    });
  };
  const run = async (consumer: Consumer, job: Job): Promise<void> => {
    consumer.running.add(job);
    await consumer.life.pass();
    try {
      await consumer.take(job.step.stepId);
    } catch {
      // As the real consumer does: the row decides.
    }
    consumer.running.delete(job);
    keys.delete(job.key);
    serve();
  };
  const put = (step: QueuedStep): void => {
    const queue = nameOf(step.queue);
    const key = `${step.stepId}-${step.epoch}`;
    if (keys.has(key)) return;
    keys.add(key);
    const job = { key, queue, step };
    if (random.next() < faults().delayed) return later(job, random.next() * DELAY_MS_MAX);
    waiting.push(job);
    serve();
  };
  const checkRefused = (): void => {
    if (random.next() < faults().refused) throw new Error('the queue server is away');
  };
  /** Jobs of the dead come back, as a queue's stalled check gives them back. */
  const findStalled = (): void => {
    for (const consumer of consumers) {
      if (!consumer.life.isDead()) continue;
      consumers.delete(consumer);
      for (const job of consumer.running) later(job, random.next() * STALLED_MS);
    }
    clock.schedule(STALLED_CHECK_MS, findStalled);
  };
  findStalled();
  return {
    connect: (life) => ({
      enqueue: async (steps) => {
        await life.pass();
        checkRefused();
        for (const step of steps) put(step);
        await life.pass();
      },
      consume: (queue, take) => {
        const consumer: Consumer = {
          life,
          queue: nameOf(queue),
          take,
          slots: 0,
          isPaused: false,
          running: new Set(),
        };
        consumers.add(consumer);
        return {
          setSlots: (slots) => {
            consumer.slots = slots;
            serve();
          },
          pause: () => {
            consumer.isPaused = true;
          },
          resume: () => {
            consumer.isPaused = false;
            serve();
          },
          [Symbol.asyncDispose]: async () => {
            consumers.delete(consumer);
          },
        };
      },
      depths: async () => new Map(),
      isPrimed: async () => {
        await life.pass();
        checkRefused();
        return isPrimed;
      },
      prime: async () => {
        await life.pass();
        checkRefused();
        isPrimed = true;
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
    connectSignals: (life) => ({
      publish: async (channel, payload) => {
        await life.pass();
        checkRefused();
        for (const listener of listeners) {
          if (listener.channel !== channel || random.next() < faults().signalLost) continue;
          listener.life.enter(() => listener.listen(payload));
        }
      },
      subscribe: async (channel, listen) => {
        const listener = { life, channel, listen };
        listeners.add(listener);
        return async () => {
          listeners.delete(listener);
        };
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
    wipe: () => {
      isPrimed = false;
      waiting = [];
      keys.clear();
    },
  };
}

function nameOf(queue: QueuedStep['queue']): string {
  return queue.box === undefined ? queue.lane : `${queue.lane}-${queue.box}`;
}
