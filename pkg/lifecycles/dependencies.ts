import type { Clock, IdMaker } from '#pkg/base';
import type { AccountId, PositionCloseReason } from '#pkg/domain';
import type { EventRecorder } from '#pkg/events';
import type { Exchange, UserEvent } from '#pkg/exchange';
import type { PriceBoard } from '#pkg/market-data';
import type { StepContext } from '#pkg/steps';
import type { Store } from '#pkg/store';

/** What is counted of the lives of positions; names of metrics are the composer's. */
export interface PositionMetrics {
  /** Milliseconds from the fill of an entry to its stop standing at the venue. */
  readonly protectedAfter: (ms: number) => void;
  readonly ended: (outcome: PositionCloseReason) => void;
}

/** What the lifecycles of a position need from outside. */
export interface LifecycleDependencies {
  readonly store: Store;
  readonly exchange: Exchange;
  readonly prices: PriceBoard;
  readonly clock: Clock;
  readonly makeId: IdMaker;
  readonly events: EventRecorder;
  /** The venue adapter's reading of one raw frame of a user stream. */
  readonly decodeUserFrame: (payload: string) => UserEvent;
  /** A slot of the account came free: whoever fills slots may look at once. Idempotent. */
  readonly onSlotFreed: (context: StepContext, accountId: AccountId) => Promise<void>;
  /** The venue has booked the end of a position of the account. Idempotent. */
  readonly onBooked: (context: StepContext, accountId: AccountId) => Promise<void>;
  readonly metrics?: PositionMetrics;
}
