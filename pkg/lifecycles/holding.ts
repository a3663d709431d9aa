import { Decimal } from '#pkg/base';
import type { Order, OrderPurpose, Position, Quantity } from '#pkg/domain';
import type { VenuePosition } from '#pkg/exchange';
import type { StepContext } from '#pkg/steps';

import type { LifecycleDependencies } from './dependencies.ts';

type HoldingDependencies = Pick<LifecycleDependencies, 'store' | 'exchange' | 'clock'>;

/**
 * Tries to hold a position in a transient status under this workflow's name.
 *
 * held  this workflow owns it until it moves the status on
 * busy  another workflow that still runs owns it
 * released  whoever held it ended without letting go; it is `active` again, and may be looked at anew
 * gone  it opens, closes or is closed: there is nothing to re-average or to sync
 */
export async function holdPosition(
  { store, clock }: HoldingDependencies,
  context: StepContext,
  position: Position,
  wanted: 'waping' | 'syncing',
): Promise<'held' | 'busy' | 'released' | 'gone'> {
  if (position.status === wanted && position.workflowId === context.workflowId) return 'held';
  const moved = await store.positions.advance(
    position.id,
    wanted === 'waping' ? 'WapStarted' : 'SyncStarted',
    { changes: { workflowId: context.workflowId }, nowMs: clock.nowMs() },
  );
  if (moved.kind === 'moved') return 'held';
  if (moved.status !== 'waping' && moved.status !== 'syncing') return 'gone';
  const current = await store.positions.find(position.id);
  if (current === undefined || !(await isOwnerGone({ store }, current))) return 'busy';
  // Whoever held it ended without letting go: nobody else ever would.
  const release = moved.status === 'waping' ? 'WapFinished' : 'SyncFinished';
  await store.positions.advance(position.id, release, { nowMs: clock.nowMs() });
  return 'released';
}

/** True when this workflow still holds the position in that status. */
export function isHeldBy(
  position: Position,
  status: 'waping' | 'syncing',
  context: StepContext,
): boolean {
  return position.status === status && position.workflowId === context.workflowId;
}

/** True when the workflow that moved the position last has ended, or was never named. */
export async function isOwnerGone(
  { store }: Pick<LifecycleDependencies, 'store'>,
  position: Position,
): Promise<boolean> {
  if (position.workflowId === undefined) return true;
  const tree = await store.steps.findTree(position.workflowId);
  const state = tree?.workflow.state;
  return state !== 'submitted' && state !== 'running';
}

/** Reads what the venue holds of a position's pair; undefined when it is flat. */
export async function readHolding(
  { exchange }: Pick<LifecycleDependencies, 'exchange'>,
  context: StepContext,
  position: Position,
): Promise<VenuePosition | undefined> {
  const { accountId, symbol, direction } = position;
  const held = await exchange.readPositions(accountId, { symbol }, context.signal);
  return held.find(
    (other) => other.symbol === symbol && other.direction === direction && other.quantity.gt(0),
  );
}

/** Returns the orders that stand for a slot now: those that nothing replaced. */
export function currentOrders(orders: readonly Order[], purpose?: OrderPurpose): readonly Order[] {
  const replaced = new Set(orders.map((order) => order.replacesOrderId));
  return orders.filter(
    (order) => !replaced.has(order.id) && (purpose === undefined || order.purpose === purpose),
  );
}

/** Returns the quantity that our own fills add up to. */
export function filledHolding(orders: readonly Order[]): Quantity {
  const sum = orders.reduce((total, order) => {
    const adds = order.purpose === 'entry' || order.purpose === 'rung';
    return adds ? total.plus(order.filledQuantity) : total.minus(order.filledQuantity);
  }, new Decimal(0));
  return Decimal.max(0, sum) as Quantity;
}

/** Returns the filled rungs that no re-average has answered yet. */
export function unansweredRungs(orders: readonly Order[]): readonly Order[] {
  return orders.filter(
    (order) => order.purpose === 'rung' && order.status === 'filled' && !order.fillHandled,
  );
}
