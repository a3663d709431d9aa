import {
  id,
  isTerminalOrderStatus,
  planReaveragedProfit,
  type Order,
  type OrderId,
  type Position,
} from '#pkg/domain';
import type { VenuePosition } from '#pkg/exchange';
import type { StepContext, StepHandler, StepOutcome } from '#pkg/steps';

import { closeOptionsOf, closePosition } from '../close/workflow.ts';
import type { LifecycleDependencies } from '../dependencies.ts';
import { confirmFlat, flatOptionsOf } from '../flat/definitions.ts';
import {
  currentOrders,
  filledHolding,
  holdPosition,
  isHeldBy,
  readHolding,
  unansweredRungs,
} from '../holding.ts';
import { describe } from '../open/order-steps.ts';
import { requireSymbol } from '../open/prepare-steps.ts';
import { restoreOptionsOf, restoreOrders } from '../replace/definitions.ts';
import { moveOrder } from '../send/move-order.ts';
import { deferUntil, DONE, implementTradeStep, requirePosition, skip } from '../trade-step.ts';
import { applyWap, finishWap, moveProfit, startWap, wapOptionsOf } from './definitions.ts';

const BUSY_RETRY_MS = 250;
/** After this many tries the venue's quantity is taken even where our own fills add up to more. */
const LAG_ATTEMPTS_MAX = 6;

export function createWapHandlers(dependencies: LifecycleDependencies): StepHandler[] {
  return [
    createStartWap(dependencies),
    createMoveProfit(dependencies),
    createFinishWap(dependencies),
  ];
}

function createStartWap(dependencies: LifecycleDependencies): StepHandler {
  const { store, clock } = dependencies;
  return implementTradeStep(startWap, async (context, { positionId, orderId }) => {
    const position = await requirePosition(store, positionId);
    const rung = await store.orders.find(id<OrderId>(orderId));
    if (rung?.fillHandled === true) return skip('PositionNotOpen', 'The fill is answered already.');
    const hold = await holdPosition(dependencies, context, position, 'waping');
    if (hold === 'busy' || hold === 'released') {
      return deferUntil(clock.nowMs() + BUSY_RETRY_MS, 'WaitsForPredecessor');
    }
    return hold === 'held' ? DONE : skip('PositionNotOpen');
  });
}

function createMoveProfit(dependencies: LifecycleDependencies): StepHandler {
  const { store } = dependencies;
  return implementTradeStep(moveProfit, async (context, { positionId }) => {
    const position = await requirePosition(store, positionId);
    if (!isHeldBy(position, 'waping', context)) return skip('PositionNotOpen');
    // Read before the venue's quantity, so that every fill named here is in it.
    const orders = await store.orders.listByPosition(position.id);
    const fills = unansweredRungs(orders);
    if (fills.length === 0) return DONE;
    const profit = currentOrders(orders, 'profit').at(-1);
    if (profit === undefined) return askForRestore(context, position);
    if (isTerminalOrderStatus(profit.status)) return answerEnded(context, position, profit);
    const holding = await readHolding(dependencies, context, position);
    if (holding === undefined) return askForFlat(dependencies, context, position);
    const lag = findLag(context, orders, holding);
    if (lag !== undefined) return lag;
    return move(dependencies, context, { position, profit, holding, fills });
  });
}

/** The venue must hold at least what our fills add up to, or its answer is older than they are. */
function findLag(
  context: StepContext,
  orders: readonly Order[],
  holding: VenuePosition,
): StepOutcome<never> | undefined {
  const isBehind = holding.quantity.lt(filledHolding(orders));
  if (isBehind && context.attempt < LAG_ATTEMPTS_MAX) {
    return failSoon('The venue’s position lags behind the fills.');
  }
  // A missing average must never become a price.
  return holding.breakEvenPrice.gt(0)
    ? undefined
    : failSoon('The venue gave no break-even price for a held position.');
}

async function move(
  dependencies: LifecycleDependencies,
  context: StepContext,
  facts: {
    readonly position: Position;
    readonly profit: Order;
    readonly holding: VenuePosition;
    readonly fills: readonly Order[];
  },
): Promise<StepOutcome<null>> {
  const { store, clock, events } = dependencies;
  const { position, profit, holding, fills } = facts;
  const { rules } = await requireSymbol(store, position);
  const price = planReaveragedProfit(rules, {
    direction: position.direction,
    breakEvenPrice: holding.breakEvenPrice,
    profitPercent: position.settings.profitPercent,
  });
  // The venue counts what has filled already as part of an order's quantity.
  const wanted = holding.quantity.plus(profit.filledQuantity) as typeof holding.quantity;
  const result = await moveOrder(dependencies, context, profit, { price, quantity: wanted });
  if (result.kind === 'deferred') return deferUntil(result.untilMs, result.reason);
  if (result.kind === 'ended') return answerEnded(context, position, result.order);
  if (result.kind === 'rejected') {
    return result.rejection === 'PositionAlreadyClosed'
      ? askForFlat(dependencies, context, position)
      : failSoon(`The profit order could not be moved: ${result.message}.`);
  }
  const nowMs = clock.nowMs();
  await store.positions.update(
    position.id,
    {
      quantity: holding.quantity,
      breakEvenPrice: holding.breakEvenPrice,
      profitPrice: price,
      wapCount: position.wapCount + 1,
    },
    nowMs,
  );
  await store.orders.markFillHandled(
    fills.map((order) => order.id),
    nowMs,
  );
  await events.record({
    kind: 'PositionReaveraged',
    accountId: position.accountId,
    positionId: position.id,
    symbol: position.symbol,
    message:
      `${describe(position)} holds ${holding.quantity.toString()} with break-even ` +
      `${holding.breakEvenPrice.toString()}; profit moved to ${price.toString()}.`,
  });
  return DONE;
}

/** The profit order ended before it could follow: filled means close, anything else means put it back. */
async function answerEnded(
  context: StepContext,
  position: Position,
  profit: Order,
): Promise<StepOutcome<null>> {
  if (profit.status !== 'filled') return askForRestore(context, position);
  await context.submit(closePosition, { positionId: position.id }, closeOptionsOf(position));
  return skip('PositionNotOpen', 'The profit order filled first.');
}

async function askForRestore(context: StepContext, position: Position): Promise<StepOutcome<null>> {
  await context.submit(restoreOrders, { positionId: position.id }, restoreOptionsOf(position));
  return DONE;
}

async function askForFlat(
  { clock }: LifecycleDependencies,
  context: StepContext,
  position: Position,
): Promise<StepOutcome<null>> {
  await context.submit(
    confirmFlat,
    { positionId: position.id, observedAtMs: clock.nowMs() },
    flatOptionsOf(position),
  );
  return skip('PositionAlreadyFlat');
}

function failSoon(message: string): StepOutcome<never> {
  return { kind: 'failed', error: new Error(message), retry: 'backoff' };
}

/** Returns the position to `active`, after success and after failure alike. */
function createFinishWap(dependencies: LifecycleDependencies): StepHandler {
  const { store, clock } = dependencies;
  return implementTradeStep(finishWap, async (context, { positionId }) => {
    const position = await requirePosition(store, positionId);
    if (!isHeldBy(position, 'waping', context)) return skip('PositionNotOpen');
    await store.positions.advance(position.id, 'WapFinished', { nowMs: clock.nowMs() });
    // Fills that arrived meanwhile have workflows of their own; this covers one whose reaction was lost.
    const orders = await store.orders.listByPosition(position.id);
    for (const order of unansweredRungs(orders)) {
      await context.submit(applyWap, { positionId, orderId: order.id }, wapOptionsOf(order));
    }
    return DONE;
  });
}
