/**
 * The contract of `Queues` and `Signals`, as tests. Every case uses the ports alone, so that the memory adapter may
 * stand in for Redis only as far as this suite proves it.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { id, type BoxName, type StepId } from '#pkg/domain';
import type { LaneQueue, QueuedStep, Queues, Signals } from '#pkg/queues';
import { eventually } from '../harness/eventually.ts';

export interface QueuesUnderTest {
  readonly queues: Queues;
  readonly signals: Signals;
  /** Loses everything that the queues hold. */
  wipe(): Promise<void>;
}

const POSITIONS: LaneQueue = { lane: 'positions' };
const OWN_EOS: LaneQueue = { lane: 'own', box: id<BoxName>('eos') };

let counter = 0;

function step(options: Partial<QueuedStep> = {}): QueuedStep {
  counter += 1;
  return {
    queue: POSITIONS,
    stepId: id<StepId>(`step${counter}`),
    epoch: 0,
    isUrgent: false,
    ...options,
  };
}

/** Takes jobs and records them; `hold` keeps them running until it is released. */
function createTaker() {
  const taken: StepId[] = [];
  let release: () => void = () => undefined;
  let held: Promise<void> = Promise.resolve();
  return {
    taken,
    take: async (stepId: StepId): Promise<void> => {
      taken.push(stepId);
      await held;
    },
    hold: () => {
      held = new Promise((resolve) => {
        release = resolve;
      });
    },
    release: () => release(),
  };
}

export function queuesConformance(name: string, start: () => Promise<QueuesUnderTest>): void {
  describe(`queues conformance: ${name}`, () => {
    let subject: QueuesUnderTest;
    beforeAll(async () => {
      subject = await start();
    });
    beforeEach(async () => subject.wipe());
    afterAll(async () => {
      await subject.queues[Symbol.asyncDispose]();
      await subject.signals[Symbol.asyncDispose]();
    });

    test('steps are taken first in, first out', async () => {
      const taker = createTaker();
      const steps = [step(), step(), step()];
      await subject.queues.enqueue(steps);
      await using consumer = subject.queues.consume(POSITIONS, taker.take);
      consumer.setSlots(1);

      await eventually(() => expect(taker.taken).toEqual(steps.map((one) => one.stepId)));
    });

    test('an urgent step overtakes what waits', async () => {
      const taker = createTaker();
      const [ordinary, urgent] = [step(), step({ isUrgent: true })];
      await subject.queues.enqueue([ordinary]);
      await subject.queues.enqueue([urgent]);
      await using consumer = subject.queues.consume(POSITIONS, taker.take);
      consumer.setSlots(1);

      await eventually(() => expect(taker.taken).toEqual([urgent.stepId, ordinary.stepId]));
    });

    test('a step that waits is not queued twice in one epoch, but is in the next', async () => {
      const taker = createTaker();
      const first = step();
      await subject.queues.enqueue([first]);
      await subject.queues.enqueue([first, { ...first, epoch: 1 }]);

      expect(await subject.queues.depths([POSITIONS])).toEqual(new Map([['positions', 2]]));
      await using consumer = subject.queues.consume(POSITIONS, taker.take);
      consumer.setSlots(1);
      await eventually(() => expect(taker.taken).toHaveLength(2));
    });

    test('a step that was taken may be queued again in the same epoch', async () => {
      const taker = createTaker();
      const only = step();
      await using consumer = subject.queues.consume(POSITIONS, taker.take);
      consumer.setSlots(1);
      await subject.queues.enqueue([only]);
      await eventually(() => expect(taker.taken).toHaveLength(1));
      await eventually(async () => {
        await subject.queues.enqueue([only]);
        expect(taker.taken.length).toBeGreaterThan(1);
      });
    });

    test('a queue of one box is not the queue of another', async () => {
      const taker = createTaker();
      await using consumer = subject.queues.consume(
        { lane: 'own', box: id<BoxName>('iris') },
        taker.take,
      );
      consumer.setSlots(1);
      await subject.queues.enqueue([step({ queue: OWN_EOS })]);

      expect(await subject.queues.depths([OWN_EOS])).toEqual(new Map([['own-eos', 1]]));
      expect(taker.taken).toEqual([]);
    });

    test('no more run at once than there are slots, and slots change while running', async () => {
      const taker = createTaker();
      taker.hold();
      await using consumer = subject.queues.consume(POSITIONS, taker.take);
      consumer.setSlots(2);
      await subject.queues.enqueue([step(), step(), step(), step()]);
      await eventually(() => expect(taker.taken).toHaveLength(2));

      consumer.setSlots(4);
      taker.release();
      await eventually(() => expect(taker.taken).toHaveLength(4));
    });

    test('a consumer without slots takes nothing until it gets some', async () => {
      const taker = createTaker();
      await using consumer = subject.queues.consume(POSITIONS, taker.take);
      await subject.queues.enqueue([step()]);
      expect(await subject.queues.depths([POSITIONS])).toEqual(new Map([['positions', 1]]));

      consumer.setSlots(1);
      await eventually(() => expect(taker.taken).toHaveLength(1));
      consumer.setSlots(0);
      await subject.queues.enqueue([step()]);
      await eventually(async () =>
        expect(await subject.queues.depths([POSITIONS])).toEqual(new Map([['positions', 1]])),
      );
      expect(taker.taken).toHaveLength(1);
    });

    test('a paused consumer takes nothing and loses nothing', async () => {
      const taker = createTaker();
      await using consumer = subject.queues.consume(POSITIONS, taker.take);
      consumer.setSlots(1);
      await subject.queues.enqueue([step()]);
      await eventually(() => expect(taker.taken).toHaveLength(1));
      consumer.pause();
      await subject.queues.enqueue([step()]);
      await eventually(async () =>
        expect(await subject.queues.depths([POSITIONS])).toEqual(new Map([['positions', 1]])),
      );
      expect(taker.taken).toHaveLength(1);

      consumer.resume();
      await eventually(() => expect(taker.taken).toHaveLength(2));
    });

    test('a job that fails is gone: its row decides', async () => {
      const taken: StepId[] = [];
      await using consumer = subject.queues.consume(POSITIONS, (stepId) => {
        taken.push(stepId);
        return Promise.reject(new Error('broken'));
      });
      consumer.setSlots(1);
      await subject.queues.enqueue([step(), step()]);
      await eventually(() => expect(taken).toHaveLength(2));
      expect(await subject.queues.depths([POSITIONS])).toEqual(new Map([['positions', 0]]));
    });

    test('the marker of a data set goes with a wipe, and consumers go on', async () => {
      const taker = createTaker();
      await using consumer = subject.queues.consume(POSITIONS, taker.take);
      consumer.setSlots(1);
      expect(await subject.queues.isPrimed()).toBe(false);
      await subject.queues.prime();
      expect(await subject.queues.isPrimed()).toBe(true);

      await subject.wipe();
      expect(await subject.queues.isPrimed()).toBe(false);
      await subject.queues.enqueue([step()]);
      await eventually(() => expect(taker.taken).toHaveLength(1));
    });

    test('a signal reaches every subscriber until it unsubscribes', async () => {
      const heard: string[] = [];
      const end = await subject.signals.subscribe('wake', (payload) => heard.push(`a${payload}`));
      await subject.signals.subscribe('wake', (payload) => heard.push(`b${payload}`));
      await subject.signals.publish('wake', '1');
      await eventually(() => expect(heard).toEqual(['a1', 'b1']));

      await end();
      await subject.signals.publish('wake', '2');
      await subject.signals.publish('admission', '3');
      await eventually(() => expect(heard).toEqual(['a1', 'b1', 'b2']));
    });
  });
}
