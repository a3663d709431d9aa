import { isAltered, type Order, type Position } from '#pkg/domain';
import type { StepContext, StepHandler, StepOutcome } from '#pkg/steps';

import { applyWap, wapOptionsOf } from '../wap/definitions.ts';
import { closeOptionsOf, closePosition } from '../close/workflow.ts';
import type { LifecycleDependencies } from '../dependencies.ts';
import { adoptOrder } from '../send/resolve-order.ts';
import { refreshOrder } from '../send/cancel-order.ts';
import { DONE, implementTradeStep, requirePosition, stop } from '../trade-step.ts';
import { activatePosition } from './definitions.ts';
import { describe, describeSize } from './order-steps.ts';

/** Step 11: the position is active only when the venue's orders equal the plan. */
export function createActivateHandler(dependencies: LifecycleDependencies): StepHandler {
  const { store, clock, events } = dependencies;
  return implementTradeStep(activatePosition, async (context, { positionId }) => {
    const position = await requirePosition(store, positionId);
    if (position.status === 'active') return DONE;
    if (position.status !== 'opening') {
      return stop('PositionNotOpen', `The position is ${position.status}.`);
    }
    const orders = await readOrders(dependencies, context, position);
    if (orders.some((order) => isExit(order) && order.status === 'filled')) {
      await context.submit(closePosition, { positionId }, closeOptionsOf(position));
      return DONE;
    }
    const fault = findFault(orders);
    if (fault !== undefined) return notAsPlanned(fault);
    const moved = await store.positions.advance(position.id, 'Activated', { nowMs: clock.nowMs() });
    if (moved.kind === 'refused') {
      return stop('PositionNotOpen', `The position is ${moved.status ?? 'gone'}.`);
    }
    await events.record({
      kind: 'PositionOpened',
      accountId: position.accountId,
      positionId: position.id,
      symbol: position.symbol,
      message: `${describe(position)} opened: ${describeSize(position)}, ${position.leverage ?? 1}x.`,
    });
    for (const order of orders) {
      if (order.purpose !== 'rung' || order.status !== 'filled' || order.fillHandled) continue;
      await context.submit(applyWap, { positionId, orderId: order.id }, wapOptionsOf(order));
    }
    return DONE;
  });
}

function notAsPlanned(fault: string): StepOutcome<never> {
  return { kind: 'failed', error: new Error(`The venue differs: ${fault}`), retry: 'backoff' };
}

function isExit(order: Order): boolean {
  return order.purpose === 'stop' || order.purpose === 'profit';
}

/** Brings the rows up to what the venue works; one look at the symbol, and one at each order not in it. */
async function readOrders(
  dependencies: LifecycleDependencies,
  context: StepContext,
  position: Position,
): Promise<readonly Order[]> {
  const { store, exchange } = dependencies;
  const { accountId, symbol } = position;
  const working = await exchange.readOpenOrders(accountId, { symbol }, context.signal);
  const rows = await store.orders.listByPosition(position.id);
  return Promise.all(
    rows.map(async (row) => {
      const found = working.find((order) => order.clientOrderId === row.clientOrderId);
      if (found !== undefined) return adoptOrder(dependencies, row, found);
      const isWorking = row.status === 'new' || row.status === 'partially-filled';
      return (isWorking ? await refreshOrder(dependencies, context, row) : undefined) ?? row;
    }),
  );
}

/** Exactly one filled entry, every planned rung, one stop and one profit order, all as acknowledged. */
function findFault(orders: readonly Order[]): string | undefined {
  const entries = orders.filter((order) => order.purpose === 'entry');
  const isEntryFilled = entries.length === 1 && entries[0]?.filledQuantity.gt(0) === true;
  if (!isEntryFilled) return 'there is not exactly one filled entry.';
  for (const purpose of ['stop', 'profit'] as const) {
    const count = orders.filter((order) => order.purpose === purpose).length;
    if (count !== 1) return `there are ${count} ${purpose} orders instead of one.`;
  }
  const bad = orders.find((order) => order.purpose !== 'entry' && !isInPlace(order));
  if (bad !== undefined) return `the ${bad.purpose} order ${bad.clientOrderId} is ${bad.status}.`;
  const altered = orders.find(isAltered);
  return altered === undefined
    ? undefined
    : `the ${altered.purpose} order ${altered.clientOrderId} stands at other terms than planned.`;
}

function isInPlace(order: Order): boolean {
  return order.status === 'new' || order.status === 'partially-filled' || order.status === 'filled';
}
