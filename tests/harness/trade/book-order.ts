import type { Decimal } from '#pkg/base';
import { quantity, type Price, type Quantity, type VenueOrderId } from '#pkg/domain';
import type { OrderIntent, VenueOrder } from '#pkg/exchange';

/** One order as the fake venue keeps it. */
export interface BookOrder {
  readonly intent: OrderIntent;
  readonly venueOrderId: VenueOrderId;
  status: VenueOrder['status'];
  price: Price | undefined;
  quantity: Quantity;
  filled: Decimal;
  average: Price | undefined;
  updatedAtMs: number;
}

/** Returns the order as the port shows it. */
export function toVenueOrder(order: BookOrder): VenueOrder {
  const { intent } = order;
  return {
    venueOrderId: order.venueOrderId,
    clientOrderId: intent.clientOrderId,
    symbol: intent.symbol,
    side: intent.side,
    direction: intent.direction,
    isConditional: intent.kind === 'stop',
    status: order.status,
    price: order.price,
    quantity: order.quantity,
    filledQuantity: quantity(order.filled),
    averagePrice: order.average,
    updatedAtMs: order.updatedAtMs,
  };
}
