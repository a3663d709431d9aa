import { completeEvent } from '../rules/event-rules.ts';
import type { EventStore, FleetEvent } from '../store.ts';
import type { LeaseCheck } from './leases.ts';

/** Returns the events outbox in memory. */
export function createMemoryEventStore(isOpen: LeaseCheck): EventStore {
  let events: FleetEvent[] = [];
  let lastSequence = 0;
  return {
    append: async (event) => {
      lastSequence += 1;
      const stored = completeEvent(event, lastSequence);
      events.push(stored);
      return stored;
    },
    prune: async ({ beforeMs, limit, lease }) => {
      if (!isOpen(lease)) return 0;
      const old = events.slice(0, limit).filter(({ atMs }) => atMs < beforeMs);
      events = events.filter((event) => !old.includes(event));
      return old.length;
    },
    listAfter: async (sequence, limit) =>
      events.filter((event) => event.sequence > sequence).slice(0, limit),
    listNewest: async (limit, filter) => {
      const chosen =
        filter?.positionId === undefined
          ? events
          : events.filter((event) => event.positionId === filter.positionId);
      return limit <= 0 ? [] : chosen.slice(-limit);
    },
  };
}
