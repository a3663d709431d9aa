import { completeEvent } from '../rules/event-rules.ts';
import type { EventStore, FleetEvent } from '../store.ts';

/** Returns the events outbox in memory. */
export function createMemoryEventStore(): EventStore {
  const events: FleetEvent[] = [];
  return {
    append: async (event) => {
      const stored = completeEvent(event, events.length + 1);
      events.push(stored);
      return stored;
    },
    listAfter: async (sequence, limit) =>
      events.slice(Math.max(0, sequence), Math.max(0, sequence) + limit),
    listNewest: async (limit, filter) => {
      const chosen =
        filter?.positionId === undefined
          ? events
          : events.filter((event) => event.positionId === filter.positionId);
      return limit <= 0 ? [] : chosen.slice(-limit);
    },
  };
}
