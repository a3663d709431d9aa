import { decideReaction, type AccountId, type Order } from '#pkg/domain';
import type { UserEvent } from '#pkg/exchange';
import type { StepContext, StepHandler } from '#pkg/steps';

import type { LifecycleDependencies } from '../dependencies.ts';
import { confirmFlat, flatOptionsOf } from '../flat/definitions.ts';
import { describe } from '../open/order-steps.ts';
import { DONE, implementTradeStep } from '../trade-step.ts';
import { applyFrame, applyUserFrame, frameOptionsOf, resubmitFrames } from './definitions.ts';
import { submitReaction } from './submit-reaction.ts';

/** A frame that is still unapplied after this was lost on its way to a workflow. */
const LOST_FRAME_MS = 5_000;
const FRAMES_MAX = 200;

export function createReactHandlers(dependencies: LifecycleDependencies): StepHandler[] {
  return [createApplyFrame(dependencies), createResubmitFrames(dependencies)];
}

function createApplyFrame(dependencies: LifecycleDependencies): StepHandler {
  const { store, clock, decodeUserFrame } = dependencies;
  return implementTradeStep(applyFrame, async (context, { frameId }) => {
    const frame = await store.frames.find(frameId);
    if (frame === undefined) return DONE;
    const event = decodeUserFrame(frame.payload);
    if (event.kind === 'order')
      await applyOrderEvent(dependencies, context, frame.accountId, event);
    if (event.kind === 'account') {
      await applyAccountEvent(dependencies, context, frame.accountId, event);
    }
    await store.frames.markApplied(frameId, clock.nowMs());
    return DONE;
  });
}

async function applyOrderEvent(
  dependencies: LifecycleDependencies,
  context: StepContext,
  accountId: AccountId,
  event: Extract<UserEvent, { readonly kind: 'order' }>,
): Promise<void> {
  const { store, clock } = dependencies;
  if (event.isForced) {
    await askWhetherFlat(dependencies, context, accountId, event);
    return;
  }
  const order = await store.orders.findByClientOrderId(accountId, event.clientOrderId);
  // Not ours: the user trades in this account too.
  if (order === undefined) return;
  const applied = await store.orders.applyReport(order.id, event.report, clock.nowMs());
  if (applied === undefined) return;
  const { before, after } = applied;
  if (after.status === 'filled' && before.status !== 'filled') {
    await announceFill(dependencies, after);
  }
  const position = await store.positions.find(after.positionId);
  if (position === undefined) return;
  await submitReaction(context, after, decideReaction(before, after, position.status));
}

/** Liquidation, ADL or settlement: the order is the venue's, the position may be ours. */
async function askWhetherFlat(
  { store }: LifecycleDependencies,
  context: StepContext,
  accountId: AccountId,
  event: Pick<Extract<UserEvent, { readonly kind: 'order' }>, 'symbol' | 'direction' | 'atMs'>,
): Promise<void> {
  const open = await store.positions.listOpen({ accountId, symbol: event.symbol });
  const position = open.find((other) => other.direction === event.direction);
  if (position === undefined) return;
  await context.submit(
    confirmFlat,
    { positionId: position.id, observedAtMs: context.clock.nowMs() },
    flatOptionsOf(position),
  );
}

/** An amount of zero where we hold a position: perhaps closed by hand, perhaps only the echo of our own exit. */
async function applyAccountEvent(
  dependencies: LifecycleDependencies,
  context: StepContext,
  accountId: AccountId,
  event: Extract<UserEvent, { readonly kind: 'account' }>,
): Promise<void> {
  for (const { symbol, direction, quantity } of event.positions) {
    if (!quantity.isZero()) continue;
    await askWhetherFlat(dependencies, context, accountId, {
      symbol,
      direction,
      atMs: event.atMs,
    });
  }
}

async function announceFill({ store, events }: LifecycleDependencies, order: Order): Promise<void> {
  if (order.purpose !== 'rung') return;
  const position = await store.positions.find(order.positionId);
  if (position === undefined) return;
  const price = order.averagePrice ?? order.price;
  await events.record({
    kind: 'RungFilled',
    accountId: order.accountId,
    positionId: order.positionId,
    symbol: order.symbol,
    message: `${describe(position)}: rung ${order.rungIndex} filled, ${order.filledQuantity.toString()} at ${price?.toString() ?? 'its price'}.`,
  });
}

function createResubmitFrames({ store }: LifecycleDependencies): StepHandler {
  return implementTradeStep(resubmitFrames, async (context) => {
    for (const frame of await store.frames.listUnapplied(LOST_FRAME_MS, FRAMES_MAX)) {
      await context.submit(applyUserFrame, { frameId: frame.id }, frameOptionsOf(frame));
    }
    return DONE;
  });
}
