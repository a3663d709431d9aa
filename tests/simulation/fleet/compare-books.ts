import { isTerminalOrderStatus, type Order, type Position } from '#pkg/domain';
import type { Store } from '#pkg/store';

import type { AlgoRow, OrderRow } from '../../../pkg/exchange/simulated/venue/rows.ts';
import type { VenueState } from '../../../pkg/exchange/simulated/venue/state.ts';

/** The rows of the fleet at one moment. */
export interface Books {
  readonly positions: readonly Position[];
  readonly orders: readonly Order[];
}

/** Reads every row: there are few at a time, because closed positions are asked for only once. */
export async function readBooks(rows: Store): Promise<Books> {
  const positions = await rows.positions.listOpen();
  const orders = await Promise.all(
    positions.map((position) => rows.orders.listByPosition(position.id)),
  );
  return { positions, orders: orders.flat() };
}

/**
 * Returns where rows and venue differ while nothing is under way: quantities, working orders, fills.
 *
 * What the user did by hand is his own: orders without an id of ours are not looked at.
 */
export function compareBooks(state: VenueState, books: Books): readonly string[] {
  return [...comparePositions(state, books), ...compareOrders(state, books)];
}

function comparePositions(state: VenueState, { positions }: Books): readonly string[] {
  const problems: string[] = [];
  const open = new Map(
    positions.map((position) => [
      `${position.accountId} ${position.symbol} ${position.direction.toUpperCase()}`,
      position,
    ]),
  );
  for (const row of state.rows('positions')) {
    if (Number(row.amount) === 0) continue;
    const name = `${row.account.replace(/^key-/u, '')} ${row.symbol} ${row.side}`;
    const position = open.get(name);
    const held = row.amount.replace('-', '');
    open.delete(name);
    if (position === undefined)
      problems.push(`the venue holds ${held} of ${name}, and no row says so`);
    else if (position.quantity?.eq(held) !== true) {
      problems.push(
        `position ${position.id} (${name}, ${position.status}) says ${position.quantity?.toFixed() ?? 'nothing'}, the venue ${held}`,
      );
    }
  }
  for (const [name, position] of open) {
    problems.push(
      `position ${position.id} (${name}) is ${position.status}, and the venue holds nothing`,
    );
  }
  return problems;
}

function compareOrders(state: VenueState, { orders }: Books): readonly string[] {
  const problems: string[] = [];
  const working = new Map<string, OrderRow | AlgoRow>();
  for (const { key } of state.rows('accounts')) {
    for (const order of state.openOrdersOf(key))
      working.set(`${key} ${order.clientOrderId}`, order);
    for (const algo of state.openAlgosOf(key)) working.set(`${key} ${algo.clientAlgoId}`, algo);
  }
  for (const order of orders) {
    const name = `key-${order.accountId} ${order.clientOrderId}`;
    const known = `order ${order.clientOrderId} (${order.purpose}, ${order.status})`;
    const found = working.get(name);
    working.delete(name);
    const isWorking = order.status === 'new' || order.status === 'partially-filled';
    if (found === undefined && isWorking) problems.push(`${known} does not work at the venue`);
    if (found !== undefined && isTerminalOrderStatus(order.status)) {
      problems.push(`${known} still works at the venue`);
    }
    const venueRow = state.orderByClientId(`key-${order.accountId}`, order.clientOrderId);
    const executed = venueRow?.executed ?? '0';
    if (!order.filledQuantity.eq(executed)) {
      problems.push(
        `${known} says ${order.filledQuantity.toFixed()} filled, the venue ${executed}`,
      );
    }
  }
  for (const name of working.keys()) {
    if (/ k-/u.test(name)) problems.push(`${name} works at the venue, and no open position has it`);
  }
  return problems;
}
