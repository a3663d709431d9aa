import { required, type Reason } from '#pkg/base';
import {
  draftOrder,
  isTerminalOrderStatus,
  type Order,
  type Position,
  type Quantity,
} from '#pkg/domain';
import type { StepContext, StepHandler, StepOutcome } from '#pkg/steps';

import type { LifecycleDependencies } from '../dependencies.ts';
import { filledHolding, readHolding } from '../holding.ts';
import { endOrder, refreshOrder } from '../send/cancel-order.ts';
import { resolveOrder } from '../send/resolve-order.ts';
import { sendOrder } from '../send/send-order.ts';
import { deferUntil, DONE, implementTradeStep, requirePosition, skip } from '../trade-step.ts';
import { requireSymbol } from '../open/prepare-steps.ts';
import { cancelOrders, closeResidual, startCleanup, startClose } from './definitions.ts';
import { endGuardedStop, isPerhapsGuarded } from './guarded-stop.ts';
import { reportExposure } from './report-exposure.ts';

const FILL_RETRY_MS = 150;
const FLAT_RETRY_MS = 500;
/** Market orders that a wind-down may need before a person has to look. */
const CLOSE_ORDERS_MAX = 20;

/** The steps that take a position from open to flat, shared by close and cancel. */
export function createWindDownHandlers(dependencies: LifecycleDependencies): StepHandler[] {
  return [
    createStart(dependencies, startClose, 'CloseStarted'),
    createStart(dependencies, startCleanup, 'CleanupStarted'),
    createCancelOrders(dependencies),
    createCloseResidual(dependencies),
  ];
}

function createStart(
  { store, clock }: LifecycleDependencies,
  definition: typeof startClose,
  event: 'CloseStarted' | 'CleanupStarted',
): StepHandler {
  return implementTradeStep(definition, async (context, { positionId }) => {
    const position = await requirePosition(store, positionId);
    const moved = await store.positions.advance(position.id, event, {
      changes: { workflowId: context.workflowId },
      nowMs: clock.nowMs(),
    });
    if (moved.kind === 'moved') return DONE;
    const { status } = moved;
    if (status === 'closing' || status === 'canceling') {
      // Either our own earlier run, or a wind-down that another workflow left unfinished: take it over.
      await store.positions.update(position.id, { workflowId: context.workflowId }, clock.nowMs());
      return DONE;
    }
    if (status === 'failed' && event === 'CloseStarted') {
      // A person asks for it again: it holds no slot, so it stays `failed` until it is proved flat.
      await store.positions.update(position.id, { workflowId: context.workflowId }, clock.nowMs());
      return DONE;
    }
    return skip('PositionNotOpen', `The position is ${status ?? 'gone'}.`);
  });
}

/** True while a position is being taken to flat; a failed one only by the workflow that a person asked to try again. */
export function isWindingDown(position: Position, context: StepContext): boolean {
  const { status, workflowId } = position;
  if (status === 'failed') return workflowId === context.workflowId;
  return status === 'closing' || status === 'canceling';
}

function createCancelOrders(dependencies: LifecycleDependencies): StepHandler {
  const { store } = dependencies;
  return implementTradeStep(cancelOrders, async (context, { positionId, which }) => {
    const position = await requirePosition(store, positionId);
    if (!isWindingDown(position, context)) return skip('PositionNotOpen');
    return endOrders(dependencies, context, position, which);
  });
}

/** Ends the rungs or the exits of a position, one by one, by their own ids. */
export async function endOrders(
  dependencies: LifecycleDependencies,
  context: StepContext,
  position: Position,
  which: 'rungs' | 'exits',
): Promise<StepOutcome<null>> {
  const orders = await dependencies.store.orders.listByPosition(position.id);
  let waitUntilMs: number | undefined;
  for (const order of orders) {
    const isRung = order.purpose === 'rung';
    const isExit = order.purpose === 'stop' || order.purpose === 'profit';
    if (which === 'rungs' ? !isRung : !isExit) continue;
    const end = isPerhapsGuarded(order, orders) ? endGuardedStop : endOrder;
    const result = await end(dependencies, context, order);
    if (result.kind === 'deferred') waitUntilMs = Math.max(waitUntilMs ?? 0, result.untilMs);
  }
  return waitUntilMs === undefined ? DONE : deferUntil(waitUntilMs, 'AwaitingFinality');
}

function createCloseResidual(dependencies: LifecycleDependencies): StepHandler {
  const { store } = dependencies;
  return implementTradeStep(closeResidual, async (context, { positionId }) => {
    const position = await requirePosition(store, positionId);
    if (!isWindingDown(position, context)) return skip('PositionNotOpen');
    const flat = await flatten(dependencies, context, position);
    // The exits still stand here, and they stay.
    if (flat.kind === 'stuck') return reportExposure(dependencies, position, flat.message);
    return toOutcome(flat);
  });
}

export type Flattening =
  | { readonly kind: 'flat' }
  | { readonly kind: 'deferred'; readonly untilMs: number; readonly reason: Reason }
  /** Repeating does not help: exposure remains and a person must look. */
  | { readonly kind: 'stuck'; readonly message: string };

/** Returns a flattening as the outcome of a step that only has to be flat. */
export function toOutcome(
  flat: Exclude<Flattening, { readonly kind: 'stuck' }>,
): StepOutcome<null> {
  return flat.kind === 'flat' ? DONE : deferUntil(flat.untilMs, flat.reason);
}

/**
 * Sells or buys back, by market, whatever the venue holds of the position, and says when nothing is left.
 *
 * What was never entered is never closed: without a fill of our own entry the pair is somebody else's.
 */
export async function flatten(
  dependencies: LifecycleDependencies,
  context: StepContext,
  position: Position,
): Promise<Flattening> {
  const { store, clock } = dependencies;
  const entry = await settleEntry(dependencies, context, position);
  if (entry.kind === 'deferred') return entry;
  if (entry.kind === 'untouched') return { kind: 'flat' };

  const orders = await store.orders.listByPosition(position.id);
  const closes = orders.filter((order) => order.purpose === 'close');
  const last = closes.at(-1);
  if (last !== undefined && !isTerminalOrderStatus(last.status) && last.status !== 'planned') {
    return resumeClose(dependencies, context, last);
  }
  const held = await readOwnHolding(dependencies, context, position);
  if (held === undefined) return { kind: 'flat' };
  if (closes.length >= CLOSE_ORDERS_MAX) {
    return { kind: 'stuck', message: 'The position is not flat after many market orders.' };
  }
  const quantity = await closableQuantity(dependencies, position, held);
  const planned =
    last?.status === 'planned'
      ? last
      : await planClose(dependencies, position, closes.length + 1, quantity);
  const sent = await sendOrder(dependencies, context, planned, { quantity });
  if (sent.kind === 'deferred') return sent;
  if (sent.kind === 'held' && isTerminalOrderStatus(sent.order.status)) {
    const left = await readOwnHolding(dependencies, context, position);
    if (left === undefined) return { kind: 'flat' };
  }
  // A rejection is ambiguous (the position may just have closed): the venue is read again, then decided.
  const delayMs = sent.kind === 'rejected' ? FLAT_RETRY_MS : FILL_RETRY_MS;
  return { kind: 'deferred', untilMs: clock.nowMs() + delayMs, reason: 'AwaitingFill' };
}

async function resumeClose(
  dependencies: LifecycleDependencies,
  context: StepContext,
  order: Order,
): Promise<Flattening> {
  const sent = await sendOrder(dependencies, context, order);
  if (sent.kind === 'deferred') return sent;
  if (sent.kind === 'held' && !isTerminalOrderStatus(sent.order.status)) {
    await refreshOrder(dependencies, context, sent.order);
  }
  const untilMs = dependencies.clock.nowMs() + FILL_RETRY_MS;
  return { kind: 'deferred', untilMs, reason: 'AwaitingFill' };
}

type EntryState =
  | { readonly kind: 'filled' | 'untouched' }
  | { readonly kind: 'deferred'; readonly untilMs: number; readonly reason: Reason };

/** Makes certain whether the entry filled, and that it can no longer. */
async function settleEntry(
  dependencies: LifecycleDependencies,
  context: StepContext,
  position: Position,
): Promise<EntryState> {
  const { store, clock } = dependencies;
  const orders = await store.orders.listByPosition(position.id);
  const entry = orders.find((order) => order.purpose === 'entry');
  if (entry === undefined) return { kind: 'untouched' };
  let order = entry;
  if (order.status === 'unknown') {
    const resolution = await resolveOrder(dependencies, context, order);
    if (resolution.kind === 'pending') {
      return { kind: 'deferred', untilMs: resolution.untilMs, reason: 'AwaitingFinality' };
    }
    if (resolution.kind === 'held') order = resolution.order;
    else await store.orders.settleUnknown(order.id, 'canceled', clock.nowMs());
    if (resolution.kind === 'absent') return { kind: 'untouched' };
  }
  if (!isTerminalOrderStatus(order.status)) {
    const ended = await endOrder(dependencies, context, order);
    if (ended.kind === 'deferred') {
      return { kind: 'deferred', untilMs: ended.untilMs, reason: 'AwaitingFill' };
    }
    order = ended.order;
  }
  return { kind: order.filledQuantity.gt(0) ? 'filled' : 'untouched' };
}

/**
 * What the venue holds of the pair and is ours; undefined when nothing is. Where the account lets the user's own positions
 * be, a quantity beyond our fills is theirs: they added to the pair by hand.
 */
async function readOwnHolding(
  dependencies: LifecycleDependencies,
  context: StepContext,
  position: Position,
): Promise<Quantity | undefined> {
  const { store } = dependencies;
  const holding = await readHolding(dependencies, context, position);
  if (holding === undefined) return undefined;
  const account = await store.accounts.find(position.accountId);
  if (account?.settings.allowOtherPositions === false) return holding.quantity;
  const own = filledHolding(await store.orders.listByPosition(position.id));
  if (own.gte(holding.quantity)) return holding.quantity;
  return own.isZero() ? undefined : own;
}

async function closableQuantity(
  { store }: LifecycleDependencies,
  position: Position,
  held: Quantity,
): Promise<Quantity> {
  const { rules } = await requireSymbol(store, position);
  const { marketQuantityMax } = rules;
  return !marketQuantityMax.isZero() && held.gt(marketQuantityMax) ? marketQuantityMax : held;
}

async function planClose(
  { store, clock }: LifecycleDependencies,
  position: Position,
  generation: number,
  quantity: Quantity,
): Promise<Order> {
  const draft = draftOrder(
    { ...position, positionId: position.id },
    { purpose: 'close', rungIndex: 0, generation },
    { quantity, nowMs: clock.nowMs() },
  );
  await store.orders.plan([draft]);
  return required(await store.orders.find(draft.id), 'A planned order has a row.');
}
