import { required, type Reason } from '#pkg/base';
import type { Order, OrderReport } from '#pkg/domain';
import type { OrderIntent, OrderReference, RejectionReason, VenueOrder } from '#pkg/exchange';

/** Returns how the venue is asked for an order of ours. */
export function referenceOf(order: Order): OrderReference {
  return {
    symbol: order.symbol,
    clientOrderId: order.clientOrderId,
    isConditional: order.purpose === 'stop',
  };
}

/** Returns what is sent for a committed row; nothing but the row decides it. */
export function intentOf(order: Order): OrderIntent {
  const { clientOrderId, symbol, side, direction, purpose } = order;
  const base = { clientOrderId, symbol, side, direction };
  if (purpose === 'stop') {
    const triggerPrice = required(order.price, 'A stop row carries its trigger price.');
    return { ...base, kind: 'stop', triggerPrice };
  }
  const quantity = required(order.quantity, 'An order row carries its quantity.');
  const isClosing = purpose === 'profit' || purpose === 'close';
  if (purpose === 'entry' || purpose === 'close') {
    return { ...base, kind: 'market', quantity, isClosing };
  }
  const price = required(order.price, 'A limit order row carries its price.');
  return { ...base, kind: 'limit', quantity, price, isClosing };
}

/** Returns what the venue's own view of an order says about our row. */
export function reportOf(found: VenueOrder): OrderReport {
  return {
    status: found.status,
    venueOrderId: found.venueOrderId,
    price: found.price,
    // A stop that closes whatever is held has no quantity of its own.
    ...(found.isConditional || found.quantity.isZero() ? {} : { quantity: found.quantity }),
    filledQuantity: found.filledQuantity,
    averagePrice: found.averagePrice,
    updatedAtMs: found.updatedAtMs,
  };
}

const REASON_OF: Readonly<Partial<Record<RejectionReason, Reason>>> = {
  BelowMinNotional: 'BelowMinNotional',
  InsufficientMargin: 'BalanceTooLow',
  PositionAlreadyClosed: 'PositionAlreadyFlat',
  SymbolNotTrading: 'SymbolNotTrading',
};

/** Returns the fleet's word for a rejection. */
export function reasonOfRejection(rejection: RejectionReason): Reason {
  return REASON_OF[rejection] ?? 'VenueRejected';
}
