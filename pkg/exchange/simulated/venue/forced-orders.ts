/** Orders that the venue sends by itself to close a customer's position: liquidation, deleveraging, settlement. */
import type { Decimal } from '#pkg/base';
import { positionAmount } from './accounting.ts';
import { endOrder } from './fills.ts';
import { emitOrder } from './frames.ts';
import type { OrderRow, PositionRow } from './rows.ts';
import { nextNumber, type World } from './world.ts';

/** Writes an order of the venue's own that closes a position; the caller fills it. */
export function openForced(
  world: World,
  position: PositionRow,
  wanted: {
    readonly id: string;
    readonly autoClose: 'LIQUIDATION' | 'ADL' | 'SETTLEMENT';
    readonly price: Decimal;
    readonly quantity?: Decimal;
  },
): OrderRow {
  const amount = positionAmount(position);
  const order: OrderRow = {
    orderId: nextNumber(world, 'lastOrderId'),
    account: position.account,
    symbol: position.symbol,
    clientOrderId: wanted.id,
    side: amount.isNegative() ? 'BUY' : 'SELL',
    positionSide: position.side,
    type: 'LIMIT',
    origType: 'LIMIT',
    timeInForce: 'IOC',
    price: wanted.price.toFixed(),
    quantity: (wanted.quantity ?? amount.abs()).toFixed(),
    executed: '0',
    quote: '0',
    status: 'NEW',
    reduceOnly: true,
    closePosition: false,
    algoId: undefined,
    rank: nextNumber(world, 'lastRank'),
    selfTradeMode: 'NONE',
    priceMatch: 'NONE',
    goodTillMs: 0,
    amendments: 0,
    autoClose: wanted.autoClose,
    createdAtMs: world.nowMs,
    updatedAtMs: world.nowMs,
  };
  world.state.put('orders', order.orderId, order);
  emitOrder(world, order, 'NEW');
  return order;
}

/** Ends those orders of an account that are meant, before its positions are closed for it. */
export function cancelOrders(
  world: World,
  key: string,
  isMeant: (order: OrderRow) => boolean,
): void {
  for (const order of world.state.openOrdersOf(key).toArray()) {
    if (isMeant(order)) endOrder(world, order, 'EXPIRED', 'liquidation');
  }
}
