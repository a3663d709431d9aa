import { sql, type Insertable, type RawBuilder, type Selectable, type SqlBool } from 'kysely';

import { id, type Order } from '#pkg/domain';
import {
  orNull,
  orUndefined,
  readAmount,
  readOptionalAmount,
  writeAmount,
  writeFlag,
} from './columns.ts';
import type { OrdersTable } from './tables.ts';

export function readOrder(row: Selectable<OrdersTable>): Order {
  return {
    id: id(row.id),
    positionId: id(row.position_id),
    accountId: id(row.account_id),
    symbol: id(row.symbol),
    direction: row.direction as Order['direction'],
    purpose: row.purpose as Order['purpose'],
    rungIndex: row.rung_index,
    side: row.side as Order['side'],
    clientOrderId: id(row.client_order_id),
    venueOrderId: row.venue_order_id === null ? undefined : id(row.venue_order_id),
    status: row.status as Order['status'],
    price: readOptionalAmount(row.price),
    quantity: readOptionalAmount(row.quantity),
    referencePrice: readOptionalAmount(row.reference_price),
    referenceQuantity: readOptionalAmount(row.reference_quantity),
    filledQuantity: readAmount(row.filled_quantity),
    averagePrice: readOptionalAmount(row.average_price),
    signableUntilMs: orUndefined(row.signable_until_ms),
    fillHandled: row.fill_handled === 1,
    venueUpdatedAtMs: orUndefined(row.venue_updated_at_ms),
    filledAtMs: orUndefined(row.filled_at_ms),
    replacesOrderId: row.replaces_order_id === null ? undefined : id(row.replaces_order_id),
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
  };
}

export function writeOrder(order: Order): Insertable<OrdersTable> {
  return {
    id: order.id,
    position_id: order.positionId,
    account_id: order.accountId,
    symbol: order.symbol,
    direction: order.direction,
    purpose: order.purpose,
    rung_index: order.rungIndex,
    side: order.side,
    client_order_id: order.clientOrderId,
    replaces_order_id: orNull(order.replacesOrderId),
    created_at_ms: order.createdAtMs,
    ...writeOrderState(order),
  };
}

/** The columns that change after planning. */
export function writeOrderState(order: Order): ChangingColumns {
  return {
    venue_order_id: orNull(order.venueOrderId),
    status: order.status,
    price: writeAmount(order.price),
    quantity: writeAmount(order.quantity),
    reference_price: writeAmount(order.referencePrice),
    reference_quantity: writeAmount(order.referenceQuantity),
    filled_quantity: writeAmount(order.filledQuantity),
    average_price: writeAmount(order.averagePrice),
    signable_until_ms: orNull(order.signableUntilMs),
    fill_handled: writeFlag(order.fillHandled),
    venue_updated_at_ms: orNull(order.venueUpdatedAtMs),
    filled_at_ms: orNull(order.filledAtMs),
    updated_at_ms: order.updatedAtMs,
  };
}

type ChangingColumns = Omit<
  Insertable<OrdersTable>,
  | 'id'
  | 'position_id'
  | 'account_id'
  | 'symbol'
  | 'direction'
  | 'purpose'
  | 'rung_index'
  | 'side'
  | 'client_order_id'
  | 'replaces_order_id'
  | 'created_at_ms'
>;

const AMOUNT_COLUMNS = [
  'price',
  'quantity',
  'reference_price',
  'reference_quantity',
  'filled_quantity',
  'average_price',
] as const;
const OTHER_COLUMNS = [
  'venue_order_id',
  'status',
  'signable_until_ms',
  'fill_handled',
  'venue_updated_at_ms',
  'filled_at_ms',
  'updated_at_ms',
] as const satisfies readonly (keyof ChangingColumns)[];

/** True for the row that still holds what `order` says in every column that changes. */
export function isStillOrder(order: Order): RawBuilder<SqlBool> {
  const state = writeOrderState(order);
  return sql.join(
    [
      ...AMOUNT_COLUMNS.map(
        (column) => sql`${sql.ref(column)} <=> CAST(${state[column]} AS DECIMAL(36, 18))`,
      ),
      ...OTHER_COLUMNS.map((column) => sql`${sql.ref(column)} <=> ${state[column]}`),
    ],
    sql` AND `,
  );
}
