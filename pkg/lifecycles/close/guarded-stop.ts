import type { Order } from '#pkg/domain';
import type { StepContext } from '#pkg/steps';

import { GUARD_REACH_MS } from '../open/fill-guard.ts';
import { endOrder, type CancelResult } from '../send/cancel-order.ts';
import { referenceOf } from '../send/order-words.ts';
import type { SendDependencies } from '../send/resolve-order.ts';

/**
 * True for a stop that the venue may hold although no step ever sent it: the fill guard sends one when the entry was filled and
 * the database is away, and has no row to write it into.
 */
export function isPerhapsGuarded(order: Order, orders: readonly Order[]): boolean {
  const { purpose, status, signableUntilMs, venueOrderId } = order;
  if (purpose !== 'stop' || signableUntilMs !== undefined || venueOrderId !== undefined)
    return false;
  if (status !== 'planned' && status !== 'canceled') return false;
  return orders.some((other) => other.purpose === 'entry' && other.filledQuantity.gt(0));
}

/**
 * Makes true that such a stop does not stand at the venue: its row is ended, and the venue is asked to end the order by our id,
 * the last time when nothing that a guard has signed can arrive any more. Safe to repeat.
 */
export async function endGuardedStop(
  dependencies: SendDependencies,
  context: StepContext,
  order: Order,
): Promise<CancelResult> {
  const { exchange, clock } = dependencies;
  if (order.status === 'planned') {
    const ended = await endOrder(dependencies, context, order);
    if (ended.kind === 'deferred') return ended;
  }
  const askedAtMs = clock.nowMs();
  const settledAtMs = order.status === 'planned' ? askedAtMs : order.updatedAtMs;
  await exchange.cancelOrder(order.accountId, referenceOf(order), context.signal);
  const finalAtMs = settledAtMs + GUARD_REACH_MS;
  return askedAtMs > finalAtMs
    ? { kind: 'ended', order }
    : { kind: 'deferred', untilMs: finalAtMs + 1 };
}
