import {
  parseClientOrderId,
  type Account,
  type Order,
  type OrderSlot,
  type PositionId,
} from '#pkg/domain';
import type { VenueOrder, VenuePosition } from '#pkg/exchange';
import type { StepContext } from '#pkg/steps';

import type { RescueDependencies } from './dependencies.ts';

/** A working order at the venue under an id that only the fleet makes. */
export interface OwnOrder {
  readonly order: VenueOrder;
  readonly positionId: PositionId;
  readonly slot: OrderSlot;
  /** Undefined when no row of the account knows the id. */
  readonly row: Order | undefined;
  /** No row knows the position that the id names. */
  readonly isLost: boolean;
}

/** What the venue holds of one account, sorted by whose it is. */
export interface VenueBooks {
  readonly positions: readonly VenuePosition[];
  readonly own: readonly OwnOrder[];
  /** Orders that somebody else placed: the user, or another program. */
  readonly others: readonly VenueOrder[];
}

/** Reads all positions and working orders of an account (85 weight). */
export async function readVenueBooks(
  { store, exchange }: Pick<RescueDependencies, 'store' | 'exchange'>,
  context: StepContext,
  { id: accountId }: Pick<Account, 'id'>,
): Promise<VenueBooks> {
  // Orders first: an order that fills in between is then seen as a position, never missed.
  const orders = await exchange.readOpenOrders(accountId, {}, context.signal);
  const held = await exchange.readPositions(accountId, {}, context.signal);
  const own: OwnOrder[] = [];
  const others: VenueOrder[] = [];
  for (const order of orders) {
    const named = parseClientOrderId(order.clientOrderId);
    if (named === undefined) {
      others.push(order);
      continue;
    }
    const { positionId, ...slot } = named;
    const row = await store.orders.findByClientOrderId(accountId, order.clientOrderId);
    const isLost = (await store.positions.find(positionId)) === undefined;
    own.push({ order, positionId, slot, row, isLost });
  }
  return { positions: held.filter(({ quantity }) => quantity.gt(0)), own, others };
}

/** True for what stands in the pair of a holding. */
export function isSamePair(
  a: Pick<VenuePosition, 'symbol' | 'direction'>,
  b: Pick<VenuePosition, 'symbol' | 'direction'>,
): boolean {
  return a.symbol === b.symbol && a.direction === b.direction;
}
