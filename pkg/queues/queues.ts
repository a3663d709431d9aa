/**
 * Lanes as queues: the way from a ready row to a worker.
 *
 * A job holds a step id and nothing else; rows are the truth, so a lost job is found by the sweep and a
 * doubled one changes nothing. Retries, delays, flows and schedulers of the queue library stay off.
 */
import type { BoxName, Lane, StepId } from '#pkg/domain';

/** A lane's queue; `own` needs its box. Written `positions` or `own-eos`. */
export interface LaneQueue {
  readonly lane: Lane;
  readonly box?: BoxName;
}

export interface QueuedStep {
  readonly queue: LaneQueue;
  readonly stepId: StepId;
  /** The row's lease epoch: (stepId, epoch) is queued at most once at a time. */
  readonly epoch: number;
  readonly isUrgent: boolean;
}

export interface Queues extends AsyncDisposable {
  /** Puts steps into their queues in one round trip; urgent ones go first. Doubles are dropped. */
  enqueue(steps: readonly QueuedStep[]): Promise<void>;
  /** Starts taking jobs; `take` runs for each and its rejection is only logged, because the row decides. */
  consume(queue: LaneQueue, take: (stepId: StepId) => Promise<void>): QueueConsumer;
  /** Jobs waiting, by queue name; for pages and metrics. */
  depths(queues: readonly LaneQueue[]): Promise<ReadonlyMap<string, number>>;
  /** False until the marker of this Redis data set is written: a wiped Redis needs a full re-enqueue. */
  isPrimed(): Promise<boolean>;
  prime(): Promise<void>;
}

export interface QueueConsumer extends AsyncDisposable {
  /** Slots that may run at once; 0 takes nothing. May change while running. */
  setSlots(slots: number): void;
  /** Takes nothing more until `resume`; what runs goes on. */
  pause(): void;
  resume(): void;
}

/** Short messages between processes; at most once, so nothing depends on one arriving. */
export interface Signals extends AsyncDisposable {
  publish(channel: SignalChannel, payload: string): Promise<void>;
  /** Returns a function that ends the subscription. */
  subscribe(
    channel: SignalChannel,
    listen: (payload: string) => void,
  ): Promise<() => Promise<void>>;
}

/**
 * admission  a workflow was submitted (payload: its id)
 * urgent     an urgent step became ready (payload: the name of its queue)
 * wake       a step was delayed (payload: its wake time, ms)
 * ended      a workflow ended (payload: its id)
 * dispatcher a dispatcher leads (payload: empty), each second
 * leases     a lease was released in order (payload: its name)
 * events     an event was recorded (payload: the event as JSON)
 */
export type SignalChannel =
  | 'admission'
  | 'dispatcher'
  | 'urgent'
  | 'wake'
  | 'ended'
  | 'leases'
  | 'events';
