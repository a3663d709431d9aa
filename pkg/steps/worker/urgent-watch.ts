import type { Clock } from '#pkg/base';
import { listenTo, queueNameOf, type LaneQueue, type Signals } from '#pkg/queues';
import type { Logger } from '#pkg/observability';

/** A job that another process took is forgotten after so long; one that still waits then is passed by a few steps. */
const WAITS_MS_MAX = 2_000;

/** Lanes where urgent work waits for a slot. */
export interface UrgentWatch extends Disposable {
  isWaiting(queue: LaneQueue): boolean;
  /** This process took an urgent step of the lane. */
  taken(queue: LaneQueue): void;
}

/** Hears of urgent work. What is not heard costs time alone: the queue hands urgent jobs out first. */
export function watchUrgent(dependencies: {
  readonly signals: Signals;
  readonly clock: Clock;
  readonly logger: Logger;
}): UrgentWatch {
  const { clock } = dependencies;
  const heardAtMs = new Map<string, number>();
  const deafen = listenTo(dependencies, 'urgent', (name) => {
    heardAtMs.set(name, clock.monotonicMs());
  });
  return {
    isWaiting: (queue) => {
      const heardMs = heardAtMs.get(queueNameOf(queue));
      return heardMs !== undefined && clock.monotonicMs() - heardMs <= WAITS_MS_MAX;
    },
    taken: (queue) => void heardAtMs.delete(queueNameOf(queue)),
    [Symbol.dispose]: deafen,
  };
}
