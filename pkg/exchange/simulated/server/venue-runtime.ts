/**
 * The running venue: the state machine with its journal, its limits, its faults and its subscribers.
 *
 * The one place that keeps the order of things: change, journal, answer, frames.
 */
import type { FrameFaults } from '../faults/frame-faults.ts';
import type { LateCancels } from '../faults/late-cancels.ts';
import type { RequestFaults } from '../faults/request-faults.ts';
import type { Journal } from '../journal/journal.ts';
import type { AddressLimits } from '../limits/address-limits.ts';
import type { OrderLimits } from '../limits/order-limits.ts';
import type { createEndpointPools, WindowPool } from '../limits/window-pool.ts';
import { marketTimeAt } from '../market/market-clock.ts';
import type { UserFrame } from '../venue/world.ts';
import type { Venue } from '../venue/venue.ts';
import type { MovableClock } from './movable-clock.ts';
import type { RequestCounts } from './request-counts.ts';

export interface RuntimeParts {
  readonly venue: Venue;
  /** The venue's own time. */
  readonly clock: MovableClock;
  readonly journal: Journal;
  readonly faults: RequestFaults;
  readonly frameFaults: FrameFaults;
  readonly lateCancels: LateCancels;
  /** Until when everything is refused. */
  readonly maintenance: { untilMs: number };
  readonly addressLimits: AddressLimits;
  readonly orderLimits: OrderLimits;
  /** What is counted apart from the weight. */
  readonly pools: ReturnType<typeof createEndpointPools>;
  /** Attempts to open a WebSocket. */
  readonly connectionPool: WindowPool;
  readonly counts: RequestCounts;
}

export interface VenueRuntime extends RuntimeParts {
  /** Writes down what changed, then hands its frames to the user streams. */
  commit(): void;
  /** Lets the market move on to now. */
  tick(): void;
  sync(): void;
  onFrames(listener: (frames: readonly UserFrame[]) => void): void;
}

export function createVenueRuntime(parts: RuntimeParts): VenueRuntime {
  const { venue, clock, journal, counts } = parts;
  const listeners: ((frames: readonly UserFrame[]) => void)[] = [];

  function commit(): void {
    const changes = venue.takeChanges();
    if (changes.length > 0) {
      journal.append(changes, marketTimeAt(venue.market.sessions, clock.nowMs()));
    }
    const frames = venue.takeFrames();
    if (frames.length === 0) return;
    for (const listener of listeners) listener(frames);
  }

  return {
    ...parts,
    commit,
    tick: () => {
      venue.tick(clock.nowMs());
      counts.flush(venue.state);
      commit();
    },
    sync: () => {
      // An empty entry carries the market time of a quiet second.
      journal.append([], marketTimeAt(venue.market.sessions, clock.nowMs()));
      journal.sync(venue.state);
    },
    onFrames: (listener) => listeners.push(listener),
  };
}
