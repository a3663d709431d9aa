import type { Reason } from '#pkg/base';
import type { BoxName, Lane, StepId } from '#pkg/domain';
import type { LaneQueue, QueueConsumer, Queues } from '#pkg/queues';
import type { WorkerBeat } from '#pkg/store';

/** Asked before a job is taken: why this lane takes nothing now. */
export type LaneGate = (lane: Lane) => Reason | undefined;

export interface LaneSlots {
  readonly lane: Lane;
  readonly slots: number;
}

/** The consumers of one worker, their slots and their gates. */
export interface LaneConsumers extends AsyncDisposable {
  /** Sets the slots of every lane; a lane that is not named takes nothing. */
  setSlots(lanes: readonly LaneSlots[]): void;
  /** Pauses and resumes consumers by the gates; returns the first reason found. */
  applyGates(isHeld: boolean): Reason | undefined;
  /** One more run in the queue, or one less. */
  count(queue: LaneQueue, change: 1 | -1): void;
  /** True while a slot of this queue may take another step. */
  mayContinue(queue: LaneQueue): boolean;
  busy(): number;
  describe(): WorkerBeat['lanes'];
}

interface LaneState {
  readonly queue: LaneQueue;
  readonly consumer: QueueConsumer;
  slots: number;
  busy: number;
  isPaused: boolean;
}

/** Returns consumers that hand each job to `take`; a lane's consumer starts when the lane first has slots. */
export function createLaneConsumers(dependencies: {
  readonly queues: Queues;
  readonly box: BoxName;
  readonly gate: LaneGate;
  readonly take: (queue: LaneQueue, stepId: StepId) => Promise<void>;
}): LaneConsumers {
  const { queues, box, gate, take } = dependencies;
  const states = new Map<Lane, LaneState>();
  let isHeld = false;

  const open = (lane: Lane): LaneState => {
    const queue: LaneQueue = lane === 'own' ? { lane, box } : { lane };
    const consumer = queues.consume(queue, (stepId) => take(queue, stepId));
    const state: LaneState = { queue, consumer, slots: 0, busy: 0, isPaused: false };
    states.set(lane, state);
    return state;
  };
  const apply = (state: LaneState): Reason | undefined => {
    const reason = gate(state.queue.lane);
    const isPaused = isHeld || reason !== undefined;
    if (isPaused !== state.isPaused) {
      state.isPaused = isPaused;
      if (isPaused) state.consumer.pause();
      else state.consumer.resume();
    }
    return state.slots > 0 ? reason : undefined;
  };
  return {
    setSlots: (lanes) => {
      const wanted = new Map(lanes.map(({ lane, slots }) => [lane, slots]));
      for (const lane of new Set([...states.keys(), ...wanted.keys()])) {
        const slots = wanted.get(lane) ?? 0;
        const state = states.get(lane) ?? (slots > 0 ? open(lane) : undefined);
        if (state === undefined || state.slots === slots) continue;
        state.slots = slots;
        apply(state);
        state.consumer.setSlots(slots);
      }
    },
    applyGates: (held) => {
      isHeld = held;
      const reasons = [...states.values()].map((state) => apply(state));
      return reasons.find((reason) => reason !== undefined);
    },
    count: (queue, change) => {
      const state = states.get(queue.lane);
      if (state !== undefined) state.busy += change;
    },
    mayContinue: (queue) => {
      const state = states.get(queue.lane);
      if (state === undefined || isHeld || state.isPaused) return false;
      return state.busy <= state.slots && gate(queue.lane) === undefined;
    },
    busy: () => [...states.values()].reduce((sum, state) => sum + state.busy, 0),
    describe: () =>
      [...states.values()].map(({ queue, slots, busy }) => ({ lane: queue.lane, slots, busy })),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...states.values()].map((state) => state.consumer[Symbol.asyncDispose]()));
    },
  };
}
