import { isTerminalOrderStatus, type Account, type Order, type Position } from '#pkg/domain';
import type { VenueOrder } from '#pkg/exchange';
import { currentOrders, isOwnerGone } from '#pkg/lifecycles';
import type { StepContext } from '#pkg/steps';

import type { RescueDependencies } from '../dependencies.ts';
import { readVenueBooks } from '../venue-books.ts';
import { compareBooks, type Comparison, type PositionRows } from './compare-books.ts';

const RECENT_READ = 500;

/** Reads rows and venue of an account and compares them; 85 weight, and 1 for each order that stands no more. */
export async function surveyBooks(
  dependencies: RescueDependencies,
  context: StepContext,
  { account, isAdopting }: { readonly account: Account; readonly isAdopting: boolean },
): Promise<Comparison> {
  const { store, exchange } = dependencies;
  const rows = await readRows(
    dependencies,
    await store.positions.listOpen({ accountId: account.id }),
  );
  const recent = await store.positions.list({ limit: RECENT_READ, accountId: account.id });
  const failed = await readRows(
    dependencies,
    recent.filter(({ status }) => status === 'failed'),
  );
  const venue = await readVenueBooks(dependencies, context, account);
  const standing = new Set(venue.own.flatMap(({ row }) => (row === undefined ? [] : [row.id])));
  const found = new Map<Order['id'], VenueOrder | undefined>();
  const missing = rows
    .filter(({ position }) => isSettled(position))
    .flatMap(({ orders }) => currentOrders(orders))
    .filter(({ id, status }) => !standing.has(id) && isWorking(status));
  for (const order of missing) {
    const { symbol, clientOrderId, purpose } = order;
    const reference = { symbol, clientOrderId, isConditional: purpose === 'stop' };
    found.set(order.id, await exchange.findOrder(account.id, reference, context.signal));
  }
  const { settings } = account;
  return compareBooks({ settings, rows, failed, venue, found, isAdopting });
}

function isSettled({ status }: Position): boolean {
  return status === 'active' || status === 'syncing' || status === 'waping';
}

function isWorking(status: Order['status']): boolean {
  return status !== 'planned' && !isTerminalOrderStatus(status);
}

async function readRows(
  { store }: RescueDependencies,
  positions: readonly Position[],
): Promise<readonly PositionRows[]> {
  return Promise.all(
    positions.map(async (position) => ({
      position,
      orders: await store.orders.listByPosition(position.id),
      isOwnerGone: await isOwnerGone({ store }, position),
    })),
  );
}
