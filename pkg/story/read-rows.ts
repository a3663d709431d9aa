import type { Position } from '#pkg/domain';
import type { Store, WorkflowTree } from '#pkg/store';

import type { PositionRows } from './narrate.ts';

/** A position has some tens of workflows and events; more than this many are the newest ones. */
const ROWS_MAX = 1_000;

/** Reads everything that is known of a position, archived workflows too. */
export async function readPositionRows(
  store: Pick<Store, 'accounts' | 'orders' | 'steps' | 'events'>,
  position: Position,
): Promise<PositionRows> {
  const [account, orders, workflows, events] = await Promise.all([
    store.accounts.find(position.accountId),
    store.orders.listByPosition(position.id),
    store.steps.listOfPosition(position.id, ROWS_MAX),
    store.events.listNewest(ROWS_MAX, { positionId: position.id }),
  ]);
  const trees: WorkflowTree[] = [];
  for (const workflow of workflows) {
    const tree = await store.steps.findTree(workflow.id);
    if (tree !== undefined) trees.push(tree);
  }
  return { position, accountName: account?.name ?? position.accountId, orders, trees, events };
}
