/** What a test may do to the fake venue, and see of it. */
import type { ClientOrderId, Direction } from '#pkg/domain';
import type {
  Exchange,
  ForcedCause,
  RejectionReason,
  UserEvent,
  VenueOrder,
  VenueTrade,
} from '#pkg/exchange';
import type { PriceBoard } from '#pkg/market-data';

/** What happens to the next request that places, changes or ends an order. */
export type MutationFault =
  /** It never arrives. */
  | { readonly kind: 'lost-before' }
  /** It is done, and the reply is lost. */
  | { readonly kind: 'lost-after' }
  /** No reply, and it arrives this much later. */
  | { readonly kind: 'late'; readonly delayMs: number }
  | { readonly kind: 'rejected'; readonly reason: RejectionReason };

export interface FakeVenue {
  readonly exchange: Exchange;
  /** What the market stream would have written. */
  readonly prices: PriceBoard;
  /** Whether the board holds marks, as it does not before the stream's first. */
  showMarks(isShown: boolean): void;
  /** Moves the mark and fills what it reaches. */
  setMark(value: number): void;
  /** The next mutation whose client id ends with `suffix` suffers `fault`. */
  failNext(suffix: string, fault: MutationFault): void;
  /** Reads fail until further notice. */
  setReachable(isReachable: boolean): void;
  cancelOutside(suffix: string): void;
  /** The user changes an order by hand. */
  amendOutside(suffix: string, newPrice: number): void;
  /** The user buys or sells by hand, in the same account. */
  tradeOutside(direction: Direction, size: number): Promise<void>;
  /** The user closes the position by hand, or the venue itself; their trade is nobody's of ours. */
  closeOutside(direction: Direction, by?: ForcedCause): void;
  /** The venue books something beside its trades. */
  bookIncome(kind: string, amount: number): void;
  /** How often an order with a client id of this end was ever accepted. */
  accepted(suffix: string): number;
  /** Client ids that became more than one order. */
  duplicates(): readonly ClientOrderId[];
  working(): readonly VenueOrder[];
  held(direction: Direction): number;
  /** What the user stream would have said since the last call. */
  drainEvents(): readonly UserEvent[];
  readonly trades: readonly VenueTrade[];
}
