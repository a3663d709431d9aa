/**
 * The running venue: the state machine with its journal, its limits, its faults and its subscribers.
 *
 * The one place that keeps the order of things: change, journal, answer, frames.
 */
import type { Clock } from '#pkg/base';
import type { Journal } from '../journal/journal.ts';
import type { AddressLimits } from '../limits/address-limits.ts';
import type { OrderLimits } from '../limits/order-limits.ts';
import { marketTimeAt } from '../market/market-clock.ts';
import type { UserFrame } from '../venue/world.ts';
import type { Venue } from '../venue/venue.ts';
import type { Faults } from './faults.ts';
import type { RequestCounts } from './request-counts.ts';

export interface VenueRuntime {
  readonly venue: Venue;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly addressLimits: AddressLimits;
  readonly orderLimits: OrderLimits;
  /** Seconds to wait where the pool of the funding endpoints is spent. */
  readonly fundingPool: (address: string, nowMs: number) => number | undefined;
  readonly counts: RequestCounts;
  /** Writes down what changed, then hands its frames to the user streams. */
  commit(): void;
  /** Lets the market move on to now. */
  tick(): void;
  sync(): void;
  onFrames(listener: (frames: readonly UserFrame[]) => void): void;
}

export interface RuntimeParts {
  readonly venue: Venue;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly faults: Faults;
  readonly addressLimits: AddressLimits;
  readonly orderLimits: OrderLimits;
  /** Seconds to wait where the pool of the funding endpoints is spent. */
  readonly fundingPool: (address: string, nowMs: number) => number | undefined;
  readonly counts: RequestCounts;
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
