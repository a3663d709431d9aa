import { unreachable } from '#pkg/base';
import type { Order, Reaction } from '#pkg/domain';
import type { StepContext } from '#pkg/steps';

import { closeOptionsOf, closePosition } from '../close/workflow.ts';
import { restoreOptionsOf, restoreOrders } from '../replace/definitions.ts';
import { syncOptionsOf, syncPosition } from '../sync/definitions.ts';
import { applyWap, wapOptionsOf } from '../wap/definitions.ts';

/** Submits the workflow that a change of `order` asks for, once: a second submit finds the first. */
export async function submitReaction(
  context: StepContext,
  order: Order,
  reaction: Reaction,
): Promise<void> {
  const { positionId, accountId } = order;
  const position = { id: positionId, accountId };
  switch (reaction) {
    case 'None':
      return;
    case 'ApplyWap':
      await context.submit(applyWap, { positionId, orderId: order.id }, wapOptionsOf(order));
      return;
    case 'SyncQuantity':
      await context.submit(syncPosition, { positionId }, syncOptionsOf(position));
      return;
    case 'ClosePosition':
      await context.submit(closePosition, { positionId }, closeOptionsOf(position));
      return;
    case 'RestoreOrders':
      await context.submit(restoreOrders, { positionId }, restoreOptionsOf(position));
      return;
    default:
      unreachable(reaction);
  }
}
