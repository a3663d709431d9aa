import { required } from '#pkg/base';
import { isTerminalOrderStatus, type Order } from '#pkg/domain';
import type { StepContext } from '#pkg/steps';

import { referenceOf } from './order-words.ts';
import { adoptOrder, resolveOrder, type SendDependencies } from './resolve-order.ts';

const RETRY_SOON_MS = 300;

export type CancelResult =
  /** The order can no longer fill; its row holds what had filled. */
  | { readonly kind: 'ended'; readonly order: Order }
  | { readonly kind: 'deferred'; readonly untilMs: number };

/**
 * Makes true that one order can no longer fill. Safe to repeat.
 *
 * Always one order by its id, never a whole symbol: another position's orders stand there too. An order
 * whose reply was lost is given up only when nothing that was signed can arrive any more.
 */
export async function endOrder(
  dependencies: SendDependencies,
  context: StepContext,
  order: Order,
): Promise<CancelResult> {
  const { store, exchange, clock } = dependencies;
  if (isTerminalOrderStatus(order.status)) return { kind: 'ended', order };
  if (order.status === 'planned') {
    // Terminal before it was signed: from here on, signing is refused by the row.
    await store.orders.settleUnknown(order.id, 'canceled', clock.nowMs());
    const now = required(await store.orders.find(order.id), 'An order row is never removed.');
    if (isTerminalOrderStatus(now.status)) return { kind: 'ended', order: now };
    return { kind: 'deferred', untilMs: clock.nowMs() + RETRY_SOON_MS };
  }
  const cancellation = await exchange.cancelOrder(
    order.accountId,
    referenceOf(order),
    context.signal,
  );
  const resolution = await resolveOrder(dependencies, context, order);
  if (resolution.kind === 'pending') {
    if (order.status === 'unknown') return { kind: 'deferred', untilMs: resolution.untilMs };
    return { kind: 'ended', order: await applyCanceled(dependencies, order) };
  }
  if (resolution.kind === 'absent') {
    if (order.status !== 'unknown') {
      return { kind: 'ended', order: await applyCanceled(dependencies, order) };
    }
    await store.orders.settleUnknown(order.id, 'canceled', clock.nowMs());
    return { kind: 'ended', order: { ...order, status: 'canceled' } };
  }
  const held = resolution.order;
  if (isTerminalOrderStatus(held.status)) return { kind: 'ended', order: held };
  // The venue confirmed the cancel and its look-up lags behind.
  if (cancellation.kind === 'canceled') {
    return { kind: 'ended', order: await applyCanceled(dependencies, held) };
  }
  return { kind: 'deferred', untilMs: clock.nowMs() + RETRY_SOON_MS };
}

async function applyCanceled({ store, clock }: SendDependencies, order: Order): Promise<Order> {
  const applied = await store.orders.applyReport(
    order.id,
    {
      status: 'canceled',
      filledQuantity: order.filledQuantity,
      updatedAtMs: Math.max(clock.nowMs(), order.venueUpdatedAtMs ?? 0),
    },
    clock.nowMs(),
  );
  return applied?.after ?? order;
}

/** Reads the venue's view of a working order into its row; undefined when the venue does not know it. */
export async function refreshOrder(
  dependencies: SendDependencies,
  context: StepContext,
  order: Order,
): Promise<Order | undefined> {
  const found = await dependencies.exchange.findOrder(
    order.accountId,
    referenceOf(order),
    context.signal,
  );
  return found === undefined ? undefined : adoptOrder(dependencies, order, found);
}
