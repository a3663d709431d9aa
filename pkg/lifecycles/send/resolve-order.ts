import { required, type Decimal } from '#pkg/base';
import type { Order, OrderReport } from '#pkg/domain';
import { ORDER_RECV_WINDOW_MS, VENUE_CLOCK_BOUND_MS, type VenueOrder } from '#pkg/exchange';
import type { StepContext } from '#pkg/steps';

import type { LifecycleDependencies } from '../dependencies.ts';
import { referenceOf, reportOf } from './order-words.ts';

export type SendDependencies = Pick<LifecycleDependencies, 'store' | 'exchange' | 'clock'>;

/**
 * What the venue says of an order whose row does not know.
 *
 * held     the venue has it, or had it; the row says so now
 * pending  not found, but something that was signed may still arrive: ask again at `untilMs`
 * absent   not found, and nothing that was ever signed can be accepted any more
 */
export type Resolution =
  | { readonly kind: 'held'; readonly order: Order }
  | { readonly kind: 'pending'; readonly untilMs: number }
  | { readonly kind: 'absent' };

/** Looks an order up by our id and writes what it finds. Sends nothing. */
export async function resolveOrder(
  dependencies: SendDependencies,
  context: StepContext,
  order: Order,
): Promise<Resolution> {
  const { exchange, clock } = dependencies;
  const finalAtMs = await readFinalAtMs(dependencies, context, order);
  // Taken before the question: an answer proves nothing about what arrives while it travels.
  const askedAtMs = clock.nowMs();
  const found = await exchange.findOrder(order.accountId, referenceOf(order), context.signal);
  if (found !== undefined) {
    return { kind: 'held', order: await adoptOrder(dependencies, order, found) };
  }
  if (finalAtMs !== undefined && askedAtMs <= finalAtMs) {
    return { kind: 'pending', untilMs: finalAtMs + 1 };
  }
  return { kind: 'absent' };
}

/**
 * Returns the local time after which nothing that was ever signed for `order` can be accepted, or undefined
 * when nothing was signed.
 */
export async function readFinalAtMs(
  { exchange }: SendDependencies,
  context: StepContext,
  order: Order,
): Promise<number | undefined> {
  if (order.signableUntilMs === undefined) return undefined;
  const offsetMs = await exchange.readClockOffsetMs(context.signal);
  return order.signableUntilMs + ORDER_RECV_WINDOW_MS + VENUE_CLOCK_BOUND_MS - offsetMs;
}

/** Writes the venue's view of an order into its row where it says anything new; the first sight of it acknowledges our intent. */
export async function adoptOrder(
  { store, clock }: SendDependencies,
  order: Order,
  found: VenueOrder,
): Promise<Order> {
  const isFirstSight = order.referencePrice === undefined && order.referenceQuantity === undefined;
  const report = reportOf(found);
  if (!isFirstSight && isAsTold(order, report)) return order;
  const { price, quantity } = order;
  const applied = await store.orders.applyReport(
    order.id,
    report,
    clock.nowMs(),
    isFirstSight ? { price, quantity } : undefined,
  );
  return required(applied, 'An order row is never removed.').after;
}

/** The row as it was read says all of it already, and is no older. */
function isAsTold(order: Order, report: OrderReport): boolean {
  const isHeld = (held: Decimal | undefined, said: Decimal | undefined): boolean =>
    said === undefined || said.isZero() || held?.eq(said) === true;
  return (
    order.status === report.status &&
    order.venueOrderId === report.venueOrderId &&
    (order.venueUpdatedAtMs ?? 0) >= report.updatedAtMs &&
    order.filledQuantity.eq(report.filledQuantity) &&
    isHeld(order.price, report.price) &&
    isHeld(order.quantity, report.quantity) &&
    isHeld(order.averagePrice, report.averagePrice)
  );
}
