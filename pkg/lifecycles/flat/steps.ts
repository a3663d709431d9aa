import type { Position } from '#pkg/domain';
import type { StepContext, StepHandler } from '#pkg/steps';

import { endOrders } from '../close/wind-down.ts';
import { closeOptionsOf, closePosition } from '../close/workflow.ts';
import type { LifecycleDependencies } from '../dependencies.ts';
import { readHolding } from '../holding.ts';
import { restoreOptionsOf, restoreOrders } from '../replace/definitions.ts';
import { deferUntil, DONE, implementTradeStep, requirePosition, skip } from '../trade-step.ts';
import { readFlat, readFlatAgain, withdrawRungs } from './definitions.ts';

/** The report of our own exit's fill usually follows within this time and settles the question. */
const EXIT_REPORT_MS = 400;
/** Time between two flat readings before the position counts as closed. */
const FLAT_CONFIRM_MS = 20_000;

export function createFlatHandlers(dependencies: LifecycleDependencies): StepHandler[] {
  return [
    createReadFlat(dependencies),
    createWithdrawRungs(dependencies),
    createReadFlatAgain(dependencies),
  ];
}

function isHeld(position: Position): boolean {
  return (
    position.status === 'active' || position.status === 'syncing' || position.status === 'waping'
  );
}

function createReadFlat(dependencies: LifecycleDependencies): StepHandler {
  const { store, clock } = dependencies;
  return implementTradeStep(readFlat, async (context, { positionId, observedAtMs }) => {
    const readableAtMs = observedAtMs + EXIT_REPORT_MS;
    if (clock.nowMs() < readableAtMs) return deferUntil(readableAtMs, 'AwaitingFill');
    const position = await requirePosition(store, positionId);
    if (!isHeld(position)) return skip('PositionNotOpen');
    const orders = await store.orders.listByPosition(position.id);
    const isExitFilled = orders.some(
      (order) =>
        (order.purpose === 'stop' || order.purpose === 'profit') && order.status === 'filled',
    );
    if (isExitFilled) {
      await submitClose(context, position);
      return skip('PositionNotOpen', 'An exit filled; the position is being closed.');
    }
    const holding = await readHolding(dependencies, context, position);
    const isFlat = holding === undefined;
    return { kind: 'completed', response: { isFlat, readAtMs: clock.nowMs() } };
  });
}

function createWithdrawRungs(dependencies: LifecycleDependencies): StepHandler {
  const { store } = dependencies;
  return implementTradeStep(withdrawRungs, async (context, { positionId }) => {
    if (context.responseOf(readFlat)?.isFlat !== true) return skip('PositionNotOpen');
    const position = await requirePosition(store, positionId);
    if (!isHeld(position)) return skip('PositionNotOpen');
    return endOrders(dependencies, context, position, 'rungs');
  });
}

function createReadFlatAgain(dependencies: LifecycleDependencies): StepHandler {
  const { store, clock } = dependencies;
  return implementTradeStep(readFlatAgain, async (context, { positionId }) => {
    const first = context.responseOf(readFlat);
    if (first?.isFlat !== true) return skip('PositionNotOpen');
    const position = await requirePosition(store, positionId);
    if (!isHeld(position)) return skip('PositionNotOpen');
    const readableAtMs = first.readAtMs + FLAT_CONFIRM_MS;
    if (clock.nowMs() < readableAtMs) return deferUntil(readableAtMs, 'AwaitingFinality');
    const holding = await readHolding(dependencies, context, position);
    if (holding === undefined) await submitClose(context, position);
    else {
      await context.submit(restoreOrders, { positionId }, restoreOptionsOf(position));
    }
    return DONE;
  });
}

async function submitClose(context: StepContext, position: Position): Promise<void> {
  await context.submit(closePosition, { positionId: position.id }, closeOptionsOf(position));
}
