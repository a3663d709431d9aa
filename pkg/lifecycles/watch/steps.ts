import { id, isTerminalOrderStatus, type OrderId } from '#pkg/domain';
import type { StepHandler } from '#pkg/steps';

import type { LifecycleDependencies } from '../dependencies.ts';
import { syncOptionsOf, syncPosition } from '../sync/definitions.ts';
import { deferUntil, DONE, implementTradeStep } from '../trade-step.ts';
import { checkCrossedOrder } from './definitions.ts';

/** The stream tells a fill within a second; the mark may also pass a price that nobody traded at yet. */
const HEARING_MS = 2_000;

/** Returns the code that asks the venue only about what its stream has not told by itself. */
export function createCheckHandler({ store, clock }: LifecycleDependencies): StepHandler {
  return implementTradeStep(checkCrossedOrder, async (context, { orderId, crossedAtMs }) => {
    const readAtMs = crossedAtMs + HEARING_MS;
    if (clock.nowMs() < readAtMs) return deferUntil(readAtMs, 'AwaitingFill');
    const order = await store.orders.find(id<OrderId>(orderId));
    if (order === undefined || isTerminalOrderStatus(order.status)) return DONE;
    const position = { id: order.positionId, accountId: order.accountId };
    await context.submit(syncPosition, { positionId: position.id }, syncOptionsOf(position));
    return DONE;
  });
}
