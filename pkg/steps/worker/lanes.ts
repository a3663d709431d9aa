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

/**
 * What a worker takes no more: `shared` are all lanes but the box's own, whose steps can run nowhere else.
 */
export type Hold = 'nothing' | 'shared' | 'everything';

/** The consumers of one worker, their slots and their gates. */
export interface LaneConsumers extends AsyncDisposable {
  /** Sets the slots of every lane; a lane that is not named takes nothing. */
  setSlots(lanes: readonly LaneSlots[]): void;
  /** Pauses and resumes consumers by the gates and the hold; returns the first reason of a gate. */
  applyGates(hold: Hold): Reason | undefined;
  /** One more run in the queue, or one less. */
  count(queue: LaneQueue, change: 1 | -1): void;
  /** True while the slot that a run of this queue holds may go on with another step of it. */
  mayContinue(queue: LaneQueue): boolean;
  /** Takes a free slot of a queue of this worker for a step that did not come through it; false when none is free. */
  borrow(queue: LaneQueue): boolean;
  giveBack(queue: LaneQueue): void;
  describe(): WorkerBeat['lanes'];
}

interface LaneState {
  readonly queue: LaneQueue;
  readonly consumer: QueueConsumer;
  slots: number;
  busy: number;
  /** Slots that hold steps which came from another lane of this worker; the consumer has so many fewer. */
  borrowed: number;
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
  let hold: Hold = 'nothing';

  const open = (lane: Lane): LaneState => {
    const queue: LaneQueue = lane === 'own' ? { lane, box } : { lane };
    const consumer = queues.consume(queue, (stepId) => take(queue, stepId));
    const state: LaneState = { queue, consumer, slots: 0, busy: 0, borrowed: 0, isPaused: false };
    states.set(lane, state);
    return state;
  };
  const isOpen = (state: LaneState): boolean =>
    !isHeld(state, hold) && !state.isPaused && gate(state.queue.lane) === undefined;
  const find = (queue: LaneQueue): LaneState | undefined =>
    queue.box === undefined || queue.box === box ? states.get(queue.lane) : undefined;
  return {
    setSlots: (lanes) => {
      const wanted = new Map(lanes.map(({ lane, slots }) => [lane, slots]));
      for (const lane of new Set([...states.keys(), ...wanted.keys()])) {
        const slots = wanted.get(lane) ?? 0;
        const state = states.get(lane) ?? (slots > 0 ? open(lane) : undefined);
        if (state === undefined || state.slots === slots) continue;
        state.slots = slots;
        applyGate(state, gate, hold);
        shareSlots(state);
      }
    },
    applyGates: (wanted) => {
      hold = wanted;
      const reasons = [...states.values()].map((state) => applyGate(state, gate, hold));
      return reasons.find((reason) => reason !== undefined);
    },
    count: (queue, change) => {
      const state = find(queue);
      if (state !== undefined) state.busy += change;
    },
    mayContinue: (queue) => {
      const state = find(queue);
      return state !== undefined && state.busy <= state.slots && isOpen(state);
    },
    borrow: (queue) => {
      const state = find(queue);
      if (state === undefined || state.busy >= state.slots || !isOpen(state)) return false;
      lend(state, 1);
      return true;
    },
    giveBack: (queue) => {
      const state = find(queue);
      if (state !== undefined) lend(state, -1);
    },
    describe: () =>
      [...states.values()].map(({ queue, slots, busy }) => ({ lane: queue.lane, slots, busy })),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...states.values()].map((state) => state.consumer[Symbol.asyncDispose]()));
    },
  };
}

/** Pauses or resumes the consumer by its gate; returns why a lane with slots takes nothing. */
function applyGate(state: LaneState, gate: LaneGate, hold: Hold): Reason | undefined {
  const reason = gate(state.queue.lane);
  const isPaused = isHeld(state, hold) || reason !== undefined;
  if (isPaused !== state.isPaused) {
    state.isPaused = isPaused;
    if (isPaused) state.consumer.pause();
    else state.consumer.resume();
  }
  return state.slots > 0 ? reason : undefined;
}

function isHeld({ queue }: LaneState, hold: Hold): boolean {
  return hold === 'everything' || (hold === 'shared' && queue.lane !== 'own');
}

function lend(state: LaneState, change: 1 | -1): void {
  state.busy += change;
  state.borrowed += change;
  shareSlots(state);
}

function shareSlots(state: LaneState): void {
  state.consumer.setSlots(Math.max(0, state.slots - state.borrowed));
}
