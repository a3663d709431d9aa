import { required } from '#pkg/base';
import {
  draftOrder,
  isAltered,
  isTerminalOrderStatus,
  planReaveragedProfit,
  quantity,
  type Order,
  type Position,
  type Price,
  type Quantity,
} from '#pkg/domain';
import type { VenuePosition } from '#pkg/exchange';
import type { StepContext, StepHandler, StepOutcome } from '#pkg/steps';

import { closeOptionsOf, closePosition } from '../close/workflow.ts';
import type { LifecycleDependencies } from '../dependencies.ts';
import { confirmFlat, flatOptionsOf } from '../flat/definitions.ts';
import { currentOrders, readHolding, unansweredRungs } from '../holding.ts';
import { describe } from '../open/order-steps.ts';
import { createPreTradeRisk, type PreTradeRisk, type RiskRefusal } from '../open/pre-trade.ts';
import { requireSymbol } from '../open/prepare-steps.ts';
import { refreshOrder } from '../send/cancel-order.ts';
import { moveOrder } from '../send/move-order.ts';
import { sendOrder } from '../send/send-order.ts';
import { deferUntil, DONE, implementTradeStep, requirePosition, skip } from '../trade-step.ts';
import { restorePositionOrders } from './definitions.ts';

const BUSY_RETRY_MS = 250;

/** One order that is to stand again. */
interface Restoring {
  readonly order: Order;
  readonly price: Price | undefined;
  readonly quantity: Quantity | undefined;
}

export function createRestoreHandler(dependencies: LifecycleDependencies): StepHandler {
  const { store, clock } = dependencies;
  const risk = createPreTradeRisk(dependencies);
  return implementTradeStep(restorePositionOrders, async (context, { positionId }) => {
    const position = await requirePosition(store, positionId);
    const { status } = position;
    if (status === 'waping' || status === 'syncing') {
      return deferUntil(clock.nowMs() + BUSY_RETRY_MS, 'WaitsForPredecessor');
    }
    if (status !== 'active') return skip('PositionNotOpen');
    const orders = await readCurrent(dependencies, context, position);
    const isExitFilled = orders.some(
      (order) =>
        (order.purpose === 'stop' || order.purpose === 'profit') && order.status === 'filled',
    );
    if (isExitFilled) {
      await context.submit(closePosition, { positionId }, closeOptionsOf(position));
      return DONE;
    }
    const holding = await readHolding(dependencies, context, position);
    if (holding === undefined) {
      const observedAtMs = clock.nowMs();
      await context.submit(confirmFlat, { positionId, observedAtMs }, flatOptionsOf(position));
      return DONE;
    }
    return restore(dependencies, context, position, { orders, holding, risk });
  });
}

/** Reads the venue's view of every order that our rows call working: only what it says counts as missing. */
async function readCurrent(
  dependencies: LifecycleDependencies,
  context: StepContext,
  position: Position,
): Promise<readonly Order[]> {
  const orders = currentOrders(await dependencies.store.orders.listByPosition(position.id));
  const current: Order[] = [];
  for (const order of orders) {
    const isWorking = order.status === 'new' || order.status === 'partially-filled';
    const seen = isWorking ? await refreshOrder(dependencies, context, order) : order;
    current.push(seen ?? order);
  }
  return current;
}

async function restore(
  dependencies: LifecycleDependencies,
  context: StepContext,
  position: Position,
  facts: {
    readonly orders: readonly Order[];
    readonly holding: VenuePosition;
    readonly risk: PreTradeRisk;
  },
): Promise<StepOutcome<null>> {
  const { orders, risk } = facts;
  const missing = await planMissing(dependencies, position, facts);
  // The stop before all others: everything else may wait behind a rejected rung, protection may not.
  for (const restoring of missing.toSorted((a, b) => rankOf(a.order) - rankOf(b.order))) {
    const refusal = await refuseRung(risk, position, restoring.order);
    if (refusal?.kind === 'deferred') return refusal;
    const outcome =
      refusal === undefined
        ? await sendAgain(dependencies, context, position, restoring)
        : await tellNotRestored(dependencies, position, restoring.order, refusal);
    if (outcome !== undefined) return outcome;
  }
  for (const order of orders.filter(isAltered)) {
    const { referencePrice, referenceQuantity } = order;
    if (order.purpose === 'stop' || referencePrice === undefined || referenceQuantity === undefined)
      continue;
    const moved = await moveOrder(dependencies, context, order, {
      price: referencePrice,
      quantity: referenceQuantity,
    });
    if (moved.kind === 'deferred') return deferUntil(moved.untilMs, moved.reason);
  }
  return DONE;
}

/** A rung adds exposure when it fills, so it is asked for as in an opening; exits are not. */
async function refuseRung(
  risk: PreTradeRisk,
  { entryPrice, entryQuantity, ...position }: Position,
  order: Order,
): Promise<RiskRefusal | undefined> {
  if (order.purpose !== 'rung' || order.status === 'unknown') return undefined;
  if (entryPrice === undefined || entryQuantity === undefined) return undefined;
  return risk.refuse({ ...position, entryPrice, entryQuantity }, { entryPrice, entryQuantity });
}

/** The rung stays away: what is held keeps its stop, and who looks finds the reason. */
async function tellNotRestored(
  { events }: LifecycleDependencies,
  position: Position,
  order: Order,
  { reason, message }: Extract<RiskRefusal, { readonly kind: 'stopped' }>,
): Promise<undefined> {
  await events.record({
    kind: 'OrderNotRestored',
    accountId: position.accountId,
    positionId: position.id,
    symbol: position.symbol,
    reason,
    message: `Rung ${order.rungIndex} of ${describe(position)} is not placed again: ${message ?? reason}`,
  });
  return undefined;
}

function rankOf(order: Order): number {
  return { stop: 0, profit: 1, rung: 2, entry: 3, close: 4 }[order.purpose];
}

/** Returns what must stand again: an order of each slot that ended without a full fill. */
async function planMissing(
  { store }: LifecycleDependencies,
  position: Position,
  { orders, holding }: { readonly orders: readonly Order[]; readonly holding: VenuePosition },
): Promise<readonly Restoring[]> {
  const { rules } = await requireSymbol(store, position);
  const missing: Restoring[] = [];
  for (const order of orders) {
    if (order.purpose === 'entry' || order.purpose === 'close' || order.status === 'filled')
      continue;
    const isLost = isTerminalOrderStatus(order.status);
    // A planned or unknown replacement is one that an earlier run left half sent.
    if (!isLost && order.status !== 'planned' && order.status !== 'unknown') continue;
    if (order.purpose === 'stop') {
      missing.push({ order, price: position.stopPrice ?? order.price, quantity: undefined });
    } else if (order.purpose === 'profit') {
      missing.push({
        order,
        price: planReaveragedProfit(rules, {
          direction: position.direction,
          breakEvenPrice: holding.breakEvenPrice,
          profitPercent: position.settings.profitPercent,
        }),
        quantity: holding.quantity,
      });
    } else {
      const wanted = order.referenceQuantity ?? order.quantity ?? quantity(0);
      const left = wanted.minus(order.filledQuantity) as Quantity;
      if (left.gte(rules.quantityMin)) {
        missing.push({ order, price: order.referencePrice ?? order.price, quantity: left });
      }
    }
  }
  return missing;
}

/** Sends one replacement; undefined means that it stands and the next may go. */
async function sendAgain(
  dependencies: LifecycleDependencies,
  context: StepContext,
  position: Position,
  restoring: Restoring,
): Promise<StepOutcome<null> | undefined> {
  const { store, clock, events } = dependencies;
  const replacement = await planReplacement(dependencies, position, restoring);
  const terms = { price: restoring.price, quantity: restoring.quantity };
  const sent = await sendOrder(dependencies, context, replacement, terms);
  if (sent.kind === 'deferred') return deferUntil(sent.untilMs, sent.reason);
  if (sent.kind === 'rejected')
    return answerRejection(dependencies, context, position, replacement);
  const nowMs = clock.nowMs();
  if (replacement.purpose === 'profit') {
    const fills = unansweredRungs(await store.orders.listByPosition(position.id));
    await store.positions.update(position.id, { profitPrice: restoring.price }, nowMs);
    await store.orders.markFillHandled(
      fills.map((order) => order.id),
      nowMs,
    );
  }
  await events.record({
    kind: 'OrderRestored',
    accountId: position.accountId,
    positionId: position.id,
    symbol: position.symbol,
    message: `${describe(position)} has its ${replacement.purpose} order back at ${restoring.price?.toString() ?? 'market'}.`,
  });
  return undefined;
}

/** A half-sent order is finished under its own id; an ended one gets the next generation of its slot. */
async function planReplacement(
  { store, clock }: LifecycleDependencies,
  position: Position,
  { order, price, quantity: size }: Restoring,
): Promise<Order> {
  if (!isTerminalOrderStatus(order.status)) return order;
  const all = await store.orders.listByPosition(position.id);
  const generation =
    all.filter((other) => other.purpose === order.purpose && other.rungIndex === order.rungIndex)
      .length + 1;
  const draft = draftOrder(
    { ...position, positionId: position.id },
    { purpose: order.purpose, rungIndex: order.rungIndex, generation },
    { price, quantity: size, replacesOrderId: order.id, nowMs: clock.nowMs() },
  );
  await store.orders.plan([draft]);
  return required(await store.orders.find(draft.id), 'A planned order has a row.');
}

/** A position whose stop cannot stand again is closed; a rung or profit that is refused only gets an event. */
async function answerRejection(
  { events }: LifecycleDependencies,
  context: StepContext,
  position: Position,
  replacement: Order,
): Promise<StepOutcome<null> | undefined> {
  const isStop = replacement.purpose === 'stop';
  await events.record({
    kind: 'OrderNotRestored',
    accountId: position.accountId,
    positionId: position.id,
    symbol: position.symbol,
    reason: isStop ? 'StopBroken' : 'VenueRejected',
    message: isStop
      ? `${describe(position)} cannot get its stop back and is closed.`
      : `The venue refused to take back the ${replacement.purpose} order of ${describe(position)}.`,
  });
  if (!isStop) return undefined;
  await context.submit(closePosition, { positionId: position.id }, closeOptionsOf(position));
  return DONE;
}
