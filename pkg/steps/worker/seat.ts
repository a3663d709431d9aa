import type { LaneQueue } from '#pkg/queues';
import type { StepRow } from '#pkg/store';
import { handlerKey, isSameQueue, queueOf } from '../queued-step.ts';
import type { LaneConsumers } from './lanes.ts';
import type { UrgentWatch } from './urgent-watch.ts';

/** Where the next step of a workflow may run, decided while the end of the one before it is committed. */
export interface Seat {
  /** Asked inside the transaction, perhaps twice: a slot that was borrowed is kept until `settle`. */
  readonly accepts: (row: StepRow) => boolean;
  /** Returns the queue whose slot the claimed step holds, and gives a slot back that it does not need. */
  readonly settle: (claimed: StepRow | undefined) => LaneQueue | undefined;
}

interface SeatState {
  readonly isStopping: boolean;
  readonly known: ReadonlySet<string>;
  readonly urgent: Pick<UrgentWatch, 'isWaiting'>;
  readonly lanes: Pick<LaneConsumers, 'mayContinue' | 'borrow' | 'giveBack'>;
}

/** One worker goes on with a workflow so many steps before others get their turn. */
const CONTINUED_STEPS_MAX = 16;

/** Finds where the next step of a workflow may run in this worker: its own slot, or a free one of another lane. */
export function findSeat(
  state: SeatState,
  held: { readonly queue: LaneQueue; readonly count: number },
): Seat {
  const { queue, count } = held;
  let borrowed: LaneQueue | undefined;
  return {
    accepts: (row: StepRow): boolean => {
      if (count >= CONTINUED_STEPS_MAX || state.isStopping) return false;
      if (!state.known.has(handlerKey(row))) return false;
      const wanted = queueOf(row);
      // Through the queue it comes after the urgent one.
      if (!row.isUrgent && state.urgent.isWaiting(wanted)) return false;
      if (isSameQueue(wanted, queue)) return state.lanes.mayContinue(queue);
      if (borrowed !== undefined) return isSameQueue(wanted, borrowed);
      if (!state.lanes.borrow(wanted)) return false;
      borrowed = wanted;
      return true;
    },
    settle: (claimed: StepRow | undefined): LaneQueue | undefined => {
      const wanted = claimed === undefined ? undefined : queueOf(claimed);
      if (borrowed === undefined) return wanted;
      if (wanted !== undefined && isSameQueue(wanted, borrowed)) return wanted;
      state.lanes.giveBack(borrowed);
      return wanted;
    },
  };
}
