import { required, toError, unreachable, type Reason } from '#pkg/base';
import { isTerminalOrderStatus, type Order } from '#pkg/domain';
import {
  ExchangeAccountRefusedError,
  ExchangeThrottledError,
  type Placement,
  type RejectionReason,
} from '#pkg/exchange';
import type { StepContext } from '#pkg/steps';

import { intentOf, referenceOf } from './order-words.ts';
import { adoptOrder, resolveOrder, type SendDependencies } from './resolve-order.ts';

/** How long after the commit of the row a request may be signed. Short, because a lost reply waits this out. */
export const ORDER_SIGNING_WINDOW_MS = 1_000;
/** A quantity that no known order explains is taken for ours for this long, and for somebody else's after. */
const UNEXPLAINED_QUANTITY_MS = 30_000;
const RETRY_SOON_MS = 100;

/** Terms that follow from the real fill; they take effect only while nothing was signed. */
export type OrderTerms = Partial<Pick<Order, 'price' | 'quantity'>>;

export type SendResult =
  /** The venue has the order, or had it: its row says in which state. */
  | { readonly kind: 'held'; readonly order: Order }
  | {
      readonly kind: 'rejected';
      readonly order: Order;
      readonly rejection: RejectionReason;
      readonly message: string;
    }
  | { readonly kind: 'deferred'; readonly untilMs: number; readonly reason: Reason };

/**
 * Makes true that the venue got the order of a committed row exactly once.
 *
 * The order of things is the safety: the row is committed; that a request may be signed until a certain
 * venue time is committed; only then it is signed, within that time and under the step's lease. A lost reply is looked
 * up at once; "not found" counts only when nothing that was signed can arrive any more, and until then the step
 * waits. Safe to call again from the top after a crash at any line: an order whose row is `unknown` is
 * looked up before anything else. `order` is the row as this run of the step read it; writes are refused when it changed since.
 */
export async function sendOrder(
  dependencies: SendDependencies,
  context: StepContext,
  order: Order,
  terms: OrderTerms = {},
): Promise<SendResult> {
  switch (order.status) {
    case 'planned':
      return place(dependencies, context, order, terms);
    case 'unknown':
      return resume(dependencies, context, order, terms);
    case 'rejected':
      return {
        kind: 'rejected',
        order,
        rejection: 'Other',
        message: 'the venue rejected the order in an earlier run',
      };
    default:
      return { kind: 'held', order };
  }
}

/** An earlier run signed something and nobody knows what came of it. */
async function resume(
  dependencies: SendDependencies,
  context: StepContext,
  order: Order,
  terms: OrderTerms,
): Promise<SendResult> {
  const resolution = await resolveOrder(dependencies, context, order);
  if (resolution.kind === 'held') return resolution;
  if (resolution.kind === 'pending') return awaitFinality(resolution.untilMs);
  if (order.purpose === 'entry') {
    const waitUntilMs = await findUnexplainedQuantity(dependencies, context, order);
    if (waitUntilMs !== undefined) return awaitFinality(waitUntilMs);
  }
  await dependencies.store.orders.settleUnknown(order.id, 'planned', dependencies.clock.nowMs());
  return place(dependencies, context, { ...order, status: 'planned' }, terms);
}

/**
 * An entry is not sent a second time while the venue holds a quantity of the pair: it may be its fill,
 * which the venue's order look-up has not caught up with.
 */
async function findUnexplainedQuantity(
  { exchange, clock }: SendDependencies,
  context: StepContext,
  order: Order,
): Promise<number | undefined> {
  const { accountId, symbol, direction, signableUntilMs } = order;
  const positions = await exchange.readPositions(accountId, { symbol }, context.signal);
  const isHeld = positions.some(
    (position) => position.direction === direction && position.quantity.gt(0),
  );
  const nowMs = clock.nowMs();
  const isRecent = nowMs < (signableUntilMs ?? 0) + UNEXPLAINED_QUANTITY_MS;
  return isHeld && isRecent ? nowMs + 1_000 : undefined;
}

async function place(
  dependencies: SendDependencies,
  context: StepContext,
  planned: Order,
  terms: OrderTerms,
): Promise<SendResult> {
  const { store, exchange, clock } = dependencies;
  const offsetMs = await exchange.readClockOffsetMs(context.signal);
  if (!context.isOwned()) return notSent(clock.nowMs());
  const nowMs = clock.nowMs();
  const signableUntilMs = Math.floor(nowMs + offsetMs) + ORDER_SIGNING_WINDOW_MS;
  const order = await store.orders.allowSigning(planned.id, { signableUntilMs, ...terms, nowMs });
  if (order === undefined) return readTerminal(dependencies, planned);
  const fence = { signableUntilMs, isOwned: () => context.isOwned() };
  let placement: Placement;
  try {
    placement = await exchange.placeOrder(order.accountId, intentOf(order), fence, context.signal);
  } catch (error) {
    // Of all errors these two alone promise that nothing was sent, and only of a placement: a look-up that is told to
    // wait says nothing of the order. After any other the row stays `unknown`.
    if (error instanceof ExchangeThrottledError || error instanceof ExchangeAccountRefusedError) {
      await settleAs(dependencies, context, order, 'planned');
    }
    throw error;
  }
  return settle(dependencies, context, order, placement);
}

/**
 * Writes that what this run signed was not taken; only while it owns the step. After a lost lease another run may have
 * signed since, and the row must go on saying that nobody knows.
 */
async function settleAs(
  { store, clock }: SendDependencies,
  context: StepContext,
  order: Order,
  status: 'planned' | 'rejected',
): Promise<void> {
  if (context.isOwned()) await store.orders.settleUnknown(order.id, status, clock.nowMs());
}

async function settle(
  dependencies: SendDependencies,
  context: StepContext,
  order: Order,
  placement: Placement,
): Promise<SendResult> {
  const { clock } = dependencies;
  switch (placement.kind) {
    case 'accepted':
      return { kind: 'held', order: await adoptPlaced(dependencies, context, order, placement) };
    case 'rejected': {
      // Our own order holds this id already: a reply was lost before.
      if (placement.reason === 'DuplicateClientOrderId') {
        return lookUp(dependencies, context, order);
      }
      if (!context.isOwned()) return notSent(clock.nowMs());
      await settleAs(dependencies, context, order, 'rejected');
      const { reason, venueCode, message } = placement;
      return {
        kind: 'rejected',
        order: { ...order, status: 'rejected' },
        rejection: reason,
        message: `${message} (${venueCode})`,
      };
    }
    case 'unknown':
      return lookUp(dependencies, context, order);
    case 'not-sent':
      if (placement.why === 'FencePassed') {
        await settleAs(dependencies, context, order, 'planned');
      }
      return notSent(clock.nowMs());
    default:
      return unreachable(placement);
  }
}

/**
 * Writes what the venue answered. It says the price of a fill only when asked, so while the answer to an entry is
 * written the venue is asked already; what it cannot tell now is asked again by whoever needs it.
 */
async function adoptPlaced(
  dependencies: SendDependencies,
  context: StepContext,
  order: Order,
  { order: placed }: Extract<Placement, { kind: 'accepted' }>,
): Promise<Order> {
  const adopting = adoptOrder(dependencies, order, placed);
  const isPriced = placed.status !== 'filled' || placed.averagePrice !== undefined;
  if (order.purpose !== 'entry' || isPriced) return adopting;
  const asking = dependencies.exchange
    .findOrder(order.accountId, referenceOf(order), context.signal)
    .catch((error: unknown) => {
      context.logger.debug({ err: toError(error) }, 'the price of a fill was not told yet');
    });
  const [adopted, found] = await Promise.all([adopting, asking]);
  return found === undefined ? adopted : adoptOrder(dependencies, adopted, found);
}

async function lookUp(
  dependencies: SendDependencies,
  context: StepContext,
  order: Order,
): Promise<SendResult> {
  const resolution = await resolveOrder(dependencies, context, order);
  if (resolution.kind === 'held') return resolution;
  return awaitFinality(
    resolution.kind === 'pending' ? resolution.untilMs : dependencies.clock.nowMs() + RETRY_SOON_MS,
  );
}

/** Somebody else ended the order before it was signed (a clean-up, for example). */
async function readTerminal({ store }: SendDependencies, planned: Order): Promise<SendResult> {
  const order = required(await store.orders.find(planned.id), 'An order row is never removed.');
  if (isTerminalOrderStatus(order.status) && order.status !== 'rejected') {
    return { kind: 'held', order };
  }
  return { kind: 'rejected', order, rejection: 'Other', message: 'the order was withdrawn' };
}

function awaitFinality(untilMs: number): SendResult {
  return { kind: 'deferred', untilMs, reason: 'AwaitingFinality' };
}

function notSent(nowMs: number): SendResult {
  return { kind: 'deferred', untilMs: nowMs + RETRY_SOON_MS, reason: 'SigningDelayed' };
}
