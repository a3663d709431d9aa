import type {
  AccountId,
  ClientOrderId,
  OrderId,
  PositionId,
  SymbolName,
  VenueOrderId,
} from '../fleet/ids.ts';
import type { Price, Quantity } from '../money/money.ts';
import type { Direction, OrderSide } from '../position/direction.ts';

/**
 * What an order is for.
 *
 * entry   MARKET, opens the position
 * rung    LIMIT GTC, one step of the ladder
 * stop    algo STOP_MARKET, closePosition, MARK_PRICE
 * profit  LIMIT GTC on the closing side
 * close   MARKET on the closing side
 */
export type OrderPurpose = 'entry' | 'rung' | 'stop' | 'profit' | 'close';
export const ORDER_PURPOSES = ['entry', 'rung', 'stop', 'profit', 'close'] as const;

/**
 * `planned` is a committed row that no request has been signed for; `unknown` means a request was signed
 * and the venue's answer is not known: look it up by client id before anything else. The others are the
 * venue's own words in lower case.
 */
export type OrderStatus =
  | 'planned'
  | 'unknown'
  | 'new'
  | 'partially-filled'
  | 'filled'
  | 'canceled'
  | 'expired'
  | 'rejected';

/** Rank of a status: a stream or a late answer never moves an order to a lower rank. */
export const ORDER_STATUS_RANK: Readonly<Record<OrderStatus, number>> = {
  planned: 0,
  unknown: 1,
  new: 2,
  'partially-filled': 3,
  filled: 4,
  canceled: 4,
  expired: 4,
  rejected: 4,
};

/** Statuses from which nothing more comes. */
export function isTerminalOrderStatus(status: OrderStatus): boolean {
  return ORDER_STATUS_RANK[status] === 4;
}

export interface Order {
  readonly id: OrderId;
  readonly positionId: PositionId;
  readonly accountId: AccountId;
  readonly symbol: SymbolName;
  readonly direction: Direction;
  readonly purpose: OrderPurpose;
  /** 1 to N for rungs, 0 otherwise. */
  readonly rungIndex: number;
  readonly side: OrderSide;
  readonly clientOrderId: ClientOrderId;
  readonly venueOrderId: VenueOrderId | undefined;
  readonly status: OrderStatus;
  /** Limit or trigger price; undefined for market orders. */
  readonly price: Price | undefined;
  /** Undefined for a stop, which closes whatever is held. */
  readonly quantity: Quantity | undefined;
  /** The last intent that the venue acknowledged; a gap between it and what is means somebody changed it. */
  readonly referencePrice: Price | undefined;
  readonly referenceQuantity: Quantity | undefined;
  readonly filledQuantity: Quantity;
  readonly averagePrice: Price | undefined;
  /**
   * Latest venue time at which a request for this order may have been signed, or undefined when none was.
   * Committed before the signing. "Not found" is final once recvWindow and the clock bound have passed it.
   */
  readonly signableUntilMs: number | undefined;
  /** The fill has been answered by a WAP (rungs) or a close (profit, stop). */
  readonly fillHandled: boolean;
  readonly venueUpdatedAtMs: number | undefined;
  readonly filledAtMs: number | undefined;
  readonly replacesOrderId: OrderId | undefined;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** What the venue said of an order, from an answer or a stream; applied by rank, never by arrival. */
export interface OrderReport {
  readonly status: Exclude<OrderStatus, 'planned' | 'unknown'>;
  readonly venueOrderId?: VenueOrderId;
  readonly price?: Price | undefined;
  /** Only from REST: a quantity is never written from a stream. */
  readonly quantity?: Quantity | undefined;
  readonly filledQuantity: Quantity;
  /** Zero or undefined never replaces a positive price. */
  readonly averagePrice?: Price | undefined;
  readonly updatedAtMs: number;
}
