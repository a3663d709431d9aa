import { unreachable, type Reason } from '#pkg/base';
import { isTerminalOrderStatus, type Order, type Price, type Quantity } from '#pkg/domain';
import type { RejectionReason, VenueOrder } from '#pkg/exchange';
import type { StepContext } from '#pkg/steps';

import { referenceOf } from './order-words.ts';
import { adoptOrder, readFinalAtMs, type SendDependencies } from './resolve-order.ts';

const SIGNING_WINDOW_MS = 1_000;
const RETRY_SOON_MS = 200;

export type MoveResult =
  /** The venue works the order at the wanted price and quantity, and the row's reference says so. */
  | { readonly kind: 'moved'; readonly order: Order }
  /** It ended before it could be moved: filled, or canceled by somebody. */
  | { readonly kind: 'ended'; readonly order: Order }
  | { readonly kind: 'rejected'; readonly rejection: RejectionReason; readonly message: string }
  | { readonly kind: 'deferred'; readonly untilMs: number; readonly reason: Reason };

/**
 * Makes true that a working limit order stands at `target`. Safe to repeat.
 *
 * Looks first: what stands there already is not sent again, and while an earlier change may still arrive and
 * overwrite this one, it waits. The quantity counts what has filled already.
 */
export async function moveOrder(
  dependencies: SendDependencies,
  context: StepContext,
  order: Order,
  target: { readonly price: Price; readonly quantity: Quantity },
): Promise<MoveResult> {
  const { store, exchange, clock } = dependencies;
  const finalAtMs = await readFinalAtMs(dependencies, context, order);
  const askedAtMs = clock.nowMs();
  const found = await findAtVenue(dependencies, context, order);
  if (found === undefined) {
    return { kind: 'deferred', untilMs: askedAtMs + RETRY_SOON_MS, reason: 'AwaitingFinality' };
  }
  const current = await adoptOrder(dependencies, order, found);
  if (isTerminalOrderStatus(current.status)) return { kind: 'ended', order: current };
  if (finalAtMs !== undefined && askedAtMs <= finalAtMs) {
    return { kind: 'deferred', untilMs: finalAtMs + 1, reason: 'AwaitingFinality' };
  }
  if (standsAt(found, target)) return acknowledge(dependencies, current, target);

  const offsetMs = await exchange.readClockOffsetMs(context.signal);
  const nowMs = clock.nowMs();
  const signableUntilMs = Math.floor(nowMs + offsetMs) + SIGNING_WINDOW_MS;
  const allowed = await store.orders.allowSigning(order.id, { signableUntilMs, nowMs });
  if (allowed === undefined) return { kind: 'ended', order: current };
  const placement = await exchange.modifyOrder(
    order.accountId,
    { symbol: order.symbol, clientOrderId: order.clientOrderId, side: order.side, ...target },
    { signableUntilMs, isOwned: () => context.isOwned() },
    context.signal,
  );
  switch (placement.kind) {
    case 'accepted':
    case 'unknown':
      return verify(dependencies, context, current, target);
    case 'rejected':
      if (placement.reason === 'NothingToChange' || placement.reason === 'OrderNotFound') {
        return verify(dependencies, context, current, target);
      }
      return {
        kind: 'rejected',
        rejection: placement.reason,
        message: `${placement.message} (${placement.venueCode})`,
      };
    case 'not-sent':
      return { kind: 'deferred', untilMs: clock.nowMs() + RETRY_SOON_MS, reason: 'SigningDelayed' };
    default:
      return unreachable(placement);
  }
}

/** Reads the order back: an answer that says "accepted" is believed only when the order stands there. */
async function verify(
  dependencies: SendDependencies,
  context: StepContext,
  order: Order,
  target: { readonly price: Price; readonly quantity: Quantity },
): Promise<MoveResult> {
  const found = await findAtVenue(dependencies, context, order);
  if (found !== undefined) {
    const after = await adoptOrder(dependencies, order, found);
    if (isTerminalOrderStatus(after.status)) return { kind: 'ended', order: after };
    if (standsAt(found, target)) return acknowledge(dependencies, after, target);
  }
  const untilMs = dependencies.clock.nowMs() + RETRY_SOON_MS;
  return { kind: 'deferred', untilMs, reason: 'AwaitingFinality' };
}

function findAtVenue(
  { exchange }: SendDependencies,
  context: StepContext,
  order: Order,
): Promise<VenueOrder | undefined> {
  return exchange.findOrder(order.accountId, referenceOf(order), context.signal);
}

function standsAt(
  found: VenueOrder,
  target: { readonly price: Price; readonly quantity: Quantity },
): boolean {
  return found.price?.eq(target.price) === true && found.quantity.eq(target.quantity);
}

async function acknowledge(
  { store, clock }: SendDependencies,
  order: Order,
  target: { readonly price: Price; readonly quantity: Quantity },
): Promise<MoveResult> {
  await store.orders.acknowledge(order.id, target, clock.nowMs());
  return {
    kind: 'moved',
    order: { ...order, referencePrice: target.price, referenceQuantity: target.quantity },
  };
}
