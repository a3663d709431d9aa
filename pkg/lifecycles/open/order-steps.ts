import { required } from '#pkg/base';
import {
  id,
  orderIdOf,
  planPrices,
  worth,
  type Order,
  type OrderId,
  type OrderPurpose,
  type Position,
  type PositionId,
  type PricesPlan,
} from '#pkg/domain';
import type { StepContext, StepHandler, StepOutcome } from '#pkg/steps';
import type { Store } from '#pkg/store';

import type { LifecycleDependencies } from '../dependencies.ts';
import { readFreshMark } from '../mark.ts';
import { refreshOrder } from '../send/cancel-order.ts';
import { reasonOfRejection } from '../send/order-words.ts';
import { sendOrder, type OrderTerms, type SendResult } from '../send/send-order.ts';
import {
  deferUntil,
  DONE,
  failNow,
  implementTradeStep,
  requirePosition,
  skip,
  stop,
} from '../trade-step.ts';
import { createFillGuard, type FillGuard } from './fill-guard.ts';
import { placeEntry, placeProfit, placeRung, placeStop, verifyPairIsFree } from './definitions.ts';
import { readOpeningHolds } from './opening-holds.ts';
import { evaluate, READINESS_POLICIES } from './opening-policy.ts';
import { createPreTradeRisk, type LadderEntry, type PreTradeRisk } from './pre-trade.ts';
import { noLongerOpening, requireAccount, requireSymbol } from './prepare-steps.ts';

const FILL_RETRY_MS = 150;
/** A market order that is neither filled nor ended after this is given up and cleaned up. */
const FILL_WAIT_MS_MAX = 30_000;

/** Steps 7 to 10 of an opening: the orders, in the order that keeps exposure protected. */
export function createOrderHandlers(dependencies: LifecycleDependencies): StepHandler[] {
  const guard = createFillGuard(dependencies);
  const risk = createPreTradeRisk(dependencies);
  return [
    createPlaceEntry(dependencies, guard, risk),
    createPlaceStop(dependencies, guard),
    createPlaceRung(dependencies, risk),
    createPlaceProfit(dependencies),
  ];
}

function createPlaceEntry(
  dependencies: LifecycleDependencies,
  guard: FillGuard,
  risk: PreTradeRisk,
): StepHandler {
  const { store } = dependencies;
  return implementTradeStep(placeEntry, async (context, { positionId }) => {
    const { position, orders } = await readPlanned(store, positionId);
    const late = noLongerOpening(position);
    if (late !== undefined) return late;
    const traded = await requireSymbol(store, position);
    const entry = firstOf(orders, position, 'entry');
    if (entry.status === 'planned') {
      const refusal = await findRefusal(dependencies, context, { position, entry, risk });
      if (refusal !== undefined) return refusal;
    }
    const { logger } = context;
    guard.watch({ position, traded, entry, stop: firstOf(orders, position, 'stop'), logger });
    const sent = await sendOrder(dependencies, context, entry);
    if (sent.kind === 'deferred') return deferUntil(sent.untilMs, sent.reason);
    if (sent.kind === 'rejected') {
      guard.release(position.id);
      return stop(reasonOfRejection(sent.rejection), sent.message);
    }
    return confirmFill(dependencies, context, sent.order);
  });
}

function firstOf(orders: readonly Order[], position: Position, purpose: OrderPurpose): Order {
  const orderId = firstOrderId(position, purpose);
  return required(
    orders.find((order) => order.id === orderId),
    'All orders of an opening are planned together, before any is sent.',
  );
}

/** Asks once more just before the entry: trading may have been switched off while the step waited. */
async function findRefusal(
  dependencies: LifecycleDependencies,
  context: StepContext,
  { position, entry, risk }: { position: Position; entry: Order; risk: PreTradeRisk },
): Promise<StepOutcome<never> | undefined> {
  const { store, clock } = dependencies;
  const [account, mark, holds] = await Promise.all([
    requireAccount(store, position),
    readFreshMark(dependencies, context, position.symbol),
    readOpeningHolds(dependencies, position.accountId),
  ]);
  const decision = evaluate(READINESS_POLICIES, { account, ...holds, mark, nowMs: clock.nowMs() });
  if (decision.kind === 'refused') return stop(decision.reason, decision.message);
  const entryQuantity = required(entry.quantity, 'An entry is planned with its quantity.');
  return risk.admit(
    position,
    { entryPrice: mark.price, entryQuantity },
    context.responseOf(verifyPairIsFree) ?? [],
  );
}

/** Waits, without holding a slot, until the entry has ended with a quantity and its real average price. */
async function confirmFill(
  dependencies: LifecycleDependencies,
  context: StepContext,
  sent: Order,
): Promise<StepOutcome<null>> {
  const { store, clock } = dependencies;
  let order = sent;
  if (!isConfirmed(order)) order = (await refreshOrder(dependencies, context, order)) ?? order;
  if (!isConfirmed(order)) {
    if (order.status === 'canceled' || order.status === 'expired' || order.status === 'rejected') {
      if (order.filledQuantity.isZero()) {
        return stop('VenueRejected', `The venue ended the entry as ${order.status}, unfilled.`);
      }
    }
    const nowMs = clock.nowMs();
    return nowMs - (order.signableUntilMs ?? nowMs) > FILL_WAIT_MS_MAX
      ? failNow(`The entry is still ${order.status} and its fill has no price.`)
      : deferUntil(nowMs + FILL_RETRY_MS, 'AwaitingFill');
  }
  const averagePrice = required(order.averagePrice, 'A confirmed fill has a price.');
  await store.positions.update(
    order.positionId,
    {
      entryPrice: averagePrice,
      entryQuantity: order.filledQuantity,
      quantity: order.filledQuantity,
      openedAtMs: order.venueUpdatedAtMs ?? clock.nowMs(),
    },
    clock.nowMs(),
  );
  return DONE;
}

/** The order takes nothing more, something filled, and the venue said at what price. */
function isConfirmed(order: Order): boolean {
  const hasEnded = order.status !== 'new' && order.status !== 'partially-filled';
  return hasEnded && order.filledQuantity.gt(0) && order.averagePrice?.gt(0) === true;
}

function createPlaceStop(dependencies: LifecycleDependencies, guard: FillGuard): StepHandler {
  const { store, clock, events } = dependencies;
  return implementTradeStep(placeStop, async (context, { positionId }) => {
    const { position, orders } = await readPlanned(store, positionId);
    const late = noLongerOpening(position);
    if (late !== undefined) return late;
    const planned = firstOf(orders, position, 'stop');
    const plan = await planFromFill(dependencies, position);
    // A fill too small for its ladder is protected first; the rungs' step then ends the opening.
    const price = plan.kind === 'feasible' ? plan.prices.stopPrice : planned.price;
    const sent = await sendOrder(dependencies, context, planned, { price });
    if (sent.kind === 'deferred') return deferUntil(sent.untilMs, sent.reason);
    if (sent.kind === 'rejected') return failNow(`The stop was rejected: ${sent.message}.`);
    guard.release(position.id);
    tellProtection(dependencies, position, sent.order);
    const stopPrice = sent.order.referencePrice ?? price;
    await Promise.all([
      store.positions.update(position.id, { stopPrice }, clock.nowMs()),
      events.record({
        kind: 'StopPlaced',
        accountId: position.accountId,
        positionId: position.id,
        symbol: position.symbol,
        message: `${describe(position)} has its stop at ${stopPrice?.toString() ?? 'the venue'}.`,
      }),
    ]);
    return DONE;
  });
}

/** Both times are the venue's: of the fill, and of the stop that it took. */
function tellProtection(
  { metrics }: LifecycleDependencies,
  { openedAtMs }: Position,
  { venueUpdatedAtMs }: Order,
): void {
  if (openedAtMs === undefined || venueUpdatedAtMs === undefined) return;
  metrics?.protectedAfter(Math.max(0, venueUpdatedAtMs - openedAtMs));
}

function createPlaceRung(dependencies: LifecycleDependencies, risk: PreTradeRisk): StepHandler {
  const { store } = dependencies;
  return implementTradeStep(placeRung, async (context, { positionId, rungIndex }) => {
    const { position, orders } = await readPlanned(store, positionId);
    const late = noLongerOpening(position);
    if (late !== undefined) return late;
    const orderId = orderIdOf(position.id, { purpose: 'rung', rungIndex, generation: 1 });
    const planned = orders.find((order) => order.id === orderId);
    if (planned === undefined) {
      return skip('BelowMinQuantity', `Rung ${rungIndex} rounds to nothing and was not planned.`);
    }
    const plan = await planFromFill(dependencies, position);
    if (plan.kind === 'infeasible') {
      return failNow(`Rung ${plan.rungIndex} of the real fill is refused: ${plan.reason}.`);
    }
    const rung = plan.prices.rungs.find((other) => other.index === rungIndex);
    if (rung === undefined) return failNow(`Rung ${rungIndex} of the real fill rounds to nothing.`);
    if (planned.status === 'planned') {
      const refusal = await risk.refuse(position, entryOf(position));
      if (refusal !== undefined) return refusal;
    }
    const terms = { price: rung.price, quantity: rung.quantity };
    const placed = await place(dependencies, context, planned, terms);
    return placed.kind === 'held' ? DONE : placed;
  });
}

function createPlaceProfit(dependencies: LifecycleDependencies): StepHandler {
  const { store, clock } = dependencies;
  return implementTradeStep(placeProfit, async (context, { positionId }) => {
    const { position, orders } = await readPlanned(store, positionId);
    const late = noLongerOpening(position);
    if (late !== undefined) return late;
    const mark = await readFreshMark(dependencies, context, position.symbol);
    const plan = await planFromFill(dependencies, position, mark.price);
    if (plan.kind === 'infeasible') return failNow(`The ladder is refused: ${plan.reason}.`);
    const price = plan.prices.profitPrice;
    const planned = firstOf(orders, position, 'profit');
    const terms = { price, quantity: position.entryQuantity };
    const placed = await place(dependencies, context, planned, terms);
    if (placed.kind !== 'held') return placed;
    const profitPrice = placed.order.referencePrice ?? price;
    await store.positions.update(position.id, { profitPrice }, clock.nowMs());
    return DONE;
  });
}

async function place(
  dependencies: LifecycleDependencies,
  context: StepContext,
  planned: Order,
  terms: OrderTerms,
): Promise<StepOutcome<never> | Extract<SendResult, { kind: 'held' }>> {
  const sent = await sendOrder(dependencies, context, planned, terms);
  if (sent.kind === 'deferred') return deferUntil(sent.untilMs, sent.reason);
  if (sent.kind === 'rejected') return failNow(`The venue rejected an order: ${sent.message}.`);
  return sent;
}

/** Reads, side by side, the position that a step is about and every order that was planned with it. */
async function readPlanned(
  store: Store,
  positionId: string,
): Promise<{ readonly position: Position; readonly orders: readonly Order[] }> {
  const [position, orders] = await Promise.all([
    requirePosition(store, positionId),
    store.orders.listByPosition(id<PositionId>(positionId)),
  ]);
  return { position, orders };
}

/** Plans the prices from the real fill: its average price, never the mark. */
async function planFromFill(
  { store }: LifecycleDependencies,
  position: Position,
  markPrice?: Position['entryPrice'],
): Promise<PricesPlan> {
  const traded = await requireSymbol(store, position);
  return planPrices(traded.rules, {
    direction: position.direction,
    settings: position.settings,
    ...entryOf(position),
    markPrice,
  });
}

function entryOf({ entryPrice, entryQuantity }: Position): LadderEntry {
  const why = 'The entry filled before its exits are planned.';
  return {
    entryPrice: required(entryPrice, why),
    entryQuantity: required(entryQuantity, why),
  };
}

function firstOrderId(position: Position, purpose: OrderPurpose): OrderId {
  return orderIdOf(position.id, { purpose, rungIndex: 0, generation: 1 });
}

/** Returns a position as words for an event: `Long BTCUSDT`. */
export function describe(position: Position): string {
  return `${position.direction === 'long' ? 'Long' : 'Short'} ${position.symbol}`;
}

/** Returns what the entry of a position was worth, for an event. */
export function describeSize(position: Position): string {
  const { entryPrice, entryQuantity } = position;
  if (entryPrice === undefined || entryQuantity === undefined) return 'nothing';
  return `${entryQuantity.toString()} at ${entryPrice.toString()} (${worth(entryQuantity, entryPrice).toFixed(2)} USDT)`;
}
