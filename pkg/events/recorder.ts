import { toError, type Clock } from '#pkg/base';
import type { Logger } from '#pkg/observability';
import type { Signals } from '#pkg/queues';
import type { EventStore, NewFleetEvent } from '#pkg/store';

/** Records what happened, once, for people and pages. */
export interface EventRecorder {
  /** Stores the event, then announces it. A failed announcement is only logged: readers also read the rows. */
  record(event: Omit<NewFleetEvent, 'atMs'>): Promise<void>;
}

export interface EventRecorderDependencies {
  readonly events: EventStore;
  readonly signals: Signals;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Named on each event unless the event names one. */
  readonly box: string;
}

/** Returns a recorder over the events outbox and the `events` channel. */
export function createEventRecorder(dependencies: EventRecorderDependencies): EventRecorder {
  const { events, signals, clock, logger, box } = dependencies;
  return {
    record: async (event) => {
      const stored = await events.append({ box, ...event, atMs: clock.nowMs() });
      try {
        await signals.publish('events', JSON.stringify(stored));
      } catch (error) {
        logger.warn({ err: toError(error), kind: event.kind }, 'event stored but not announced');
      }
    },
  };
}
