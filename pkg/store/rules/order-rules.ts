/**
 * What each write does to an order row, as pure functions that both adapters share.
 *
 * Each returns the very same object when nothing changes, so that the adapter can save the write.
 */
import { assert } from '#pkg/base';
import {
  isTerminalOrderStatus,
  ORDER_STATUS_RANK,
  quantity,
  type Order,
  type OrderReport,
  type Price,
  type Quantity,
} from '#pkg/domain';
import type { NewOrder } from '../store.ts';
import { storedAmount } from './amount.ts';

/** Returns the row of an order that no request has been signed for. */
export function plannedOrder(planned: NewOrder): Order {
  return {
    ...planned,
    price: storedAmount(planned.price),
    quantity: storedAmount(planned.quantity),
    venueOrderId: undefined,
    status: 'planned',
    referencePrice: undefined,
    referenceQuantity: undefined,
    filledQuantity: quantity(0),
    averagePrice: undefined,
    signableUntilMs: undefined,
    fillHandled: false,
    venueUpdatedAtMs: undefined,
    filledAtMs: undefined,
    updatedAtMs: planned.createdAtMs,
  };
}

/** Returns the order with a request allowed to be signed, or undefined when it is terminal. */
export function signableOrder(
  order: Order,
  options: {
    readonly signableUntilMs: number;
    readonly price?: Order['price'];
    readonly quantity?: Order['quantity'];
    readonly nowMs: number;
  },
): Order | undefined {
  if (isTerminalOrderStatus(order.status)) return undefined;
  const isPlanned = order.status === 'planned';
  return {
    ...order,
    status: isPlanned ? 'unknown' : order.status,
    price: isPlanned ? (storedAmount(options.price) ?? order.price) : order.price,
    quantity: isPlanned ? (storedAmount(options.quantity) ?? order.quantity) : order.quantity,
    signableUntilMs: Math.max(order.signableUntilMs ?? 0, options.signableUntilMs),
    updatedAtMs: options.nowMs,
  };
}

/**
 * Returns the order after what the venue said, in whatever order reports arrive.
 *
 * Status, price and quantity follow a report only when it is not stale: of a lower rank, or older at the same
 * rank. A fill that is larger than the known one is a fact whenever it arrives, so filled quantity (and the
 * average that came with it) grows even from a stale report. `filled` is never taken back.
 */
export function mergeReport(order: Order, report: OrderReport, nowMs: number): Order {
  assert(report.filledQuantity.isFinite(), 'A report carries a finite filled quantity.');
  const isFresh = !isStale(order, report);
  const filled = storedAmount(report.filledQuantity);
  const hasGrown = filled.gt(order.filledQuantity);
  const mayAverage = hasGrown || (isFresh && filled.eq(order.filledQuantity));
  const status = isFresh ? report.status : order.status;
  const merged: Order = {
    ...order,
    status,
    venueOrderId: order.venueOrderId ?? report.venueOrderId,
    price: isFresh ? latest(order.price, report.price) : order.price,
    quantity: isFresh ? latest(order.quantity, report.quantity) : order.quantity,
    filledQuantity: hasGrown ? filled : order.filledQuantity,
    averagePrice: mayAverage ? latest(order.averagePrice, report.averagePrice) : order.averagePrice,
    venueUpdatedAtMs: Math.max(order.venueUpdatedAtMs ?? report.updatedAtMs, report.updatedAtMs),
    filledAtMs: order.filledAtMs ?? (status === 'filled' ? report.updatedAtMs : undefined),
  };
  return isSame(order, merged) ? order : { ...merged, updatedAtMs: nowMs };
}

/** Returns the order that the venue never got, or the same one when it turned out to be known there. */
export function settledOrder(
  order: Order,
  status: 'planned' | 'rejected' | 'canceled',
  nowMs: number,
): Order {
  if (order.status !== 'unknown' && order.status !== 'planned') return order;
  if (order.status === status) return order;
  const signableUntilMs = status === 'planned' ? undefined : order.signableUntilMs;
  return { ...order, status, signableUntilMs, updatedAtMs: nowMs };
}

/** Returns the order with `reference` as the last intent that the venue acknowledged. */
export function acknowledgedOrder(
  order: Order,
  reference: { readonly price: Order['price']; readonly quantity: Order['quantity'] },
  nowMs: number,
): Order {
  const price = storedAmount(reference.price);
  const quantity = storedAmount(reference.quantity);
  return {
    ...order,
    price,
    quantity,
    referencePrice: price,
    referenceQuantity: quantity,
    updatedAtMs: nowMs,
  };
}

function isStale(order: Order, report: OrderReport): boolean {
  const rank = ORDER_STATUS_RANK[report.status];
  const held = ORDER_STATUS_RANK[order.status];
  if (rank !== held) return rank < held;
  if (order.status === 'filled' && report.status !== 'filled') return true;
  return order.venueUpdatedAtMs !== undefined && report.updatedAtMs < order.venueUpdatedAtMs;
}

/** Zero and undefined never replace a value. */
function latest<T extends Price | Quantity>(
  held: T | undefined,
  said: T | undefined,
): T | undefined {
  return said === undefined || !said.gt(0) ? held : storedAmount(said);
}

function isSame(before: Order, after: Order): boolean {
  const equal = (a: Price | Quantity | undefined, b: Price | Quantity | undefined): boolean =>
    a === b || (a !== undefined && b !== undefined && a.eq(b));
  return (
    before.status === after.status &&
    before.venueOrderId === after.venueOrderId &&
    before.venueUpdatedAtMs === after.venueUpdatedAtMs &&
    before.filledAtMs === after.filledAtMs &&
    equal(before.price, after.price) &&
    equal(before.quantity, after.quantity) &&
    equal(before.filledQuantity, after.filledQuantity) &&
    equal(before.averagePrice, after.averagePrice)
  );
}
