import type { Insertable, Selectable } from 'kysely';

import { id, type Position } from '#pkg/domain';
import type { PositionChanges } from '../position-store.ts';
import { orNull, orUndefined, readJson, readOptionalAmount, writeAmount } from './columns.ts';
import type { PositionsTable } from './tables.ts';

export function readPosition(row: Selectable<PositionsTable>): Position {
  return {
    id: id(row.id),
    accountId: id(row.account_id),
    symbol: id(row.symbol),
    direction: row.direction as Position['direction'],
    slot: row.slot,
    status: row.status as Position['status'],
    settings: readJson(row.settings),
    marginUsdt: readOptionalAmount(row.margin_usdt),
    leverage: orUndefined(row.leverage),
    entryPrice: readOptionalAmount(row.entry_price),
    entryQuantity: readOptionalAmount(row.entry_quantity),
    quantity: readOptionalAmount(row.quantity),
    breakEvenPrice: readOptionalAmount(row.break_even_price),
    profitPrice: readOptionalAmount(row.profit_price),
    stopPrice: readOptionalAmount(row.stop_price),
    openedAtMs: orUndefined(row.opened_at_ms),
    closedAtMs: orUndefined(row.closed_at_ms),
    closePrice: readOptionalAmount(row.close_price),
    realizedPnl: readOptionalAmount(row.realized_pnl),
    closeReason: orUndefined(row.close_reason) as Position['closeReason'],
    wapCount: row.wap_count,
    reason: orUndefined(row.reason) as Position['reason'],
    workflowId: row.workflow_id === null ? undefined : id(row.workflow_id),
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
  };
}

export function writePosition(position: Position): Insertable<PositionsTable> {
  return {
    id: position.id,
    account_id: position.accountId,
    symbol: position.symbol,
    direction: position.direction,
    slot: position.slot,
    status: position.status,
    settings: JSON.stringify(position.settings),
    ...writePositionChanges(position),
    wap_count: position.wapCount,
    created_at_ms: position.createdAtMs,
    updated_at_ms: position.updatedAtMs,
  };
}

type StateColumns = Partial<
  Omit<
    Insertable<PositionsTable>,
    | 'id'
    | 'account_id'
    | 'symbol'
    | 'direction'
    | 'slot'
    | 'status'
    | 'settings'
    | 'created_at_ms'
    | 'updated_at_ms'
  >
>;

type Writers = {
  readonly [Name in keyof Required<PositionChanges>]: (value: Position[Name]) => StateColumns;
};

const WRITERS: Writers = {
  marginUsdt: (value) => ({ margin_usdt: writeAmount(value) }),
  leverage: (value) => ({ leverage: orNull(value) }),
  entryPrice: (value) => ({ entry_price: writeAmount(value) }),
  entryQuantity: (value) => ({ entry_quantity: writeAmount(value) }),
  quantity: (value) => ({ quantity: writeAmount(value) }),
  breakEvenPrice: (value) => ({ break_even_price: writeAmount(value) }),
  profitPrice: (value) => ({ profit_price: writeAmount(value) }),
  stopPrice: (value) => ({ stop_price: writeAmount(value) }),
  openedAtMs: (value) => ({ opened_at_ms: orNull(value) }),
  closedAtMs: (value) => ({ closed_at_ms: orNull(value) }),
  closePrice: (value) => ({ close_price: writeAmount(value) }),
  realizedPnl: (value) => ({ realized_pnl: writeAmount(value) }),
  closeReason: (value) => ({ close_reason: orNull(value) }),
  wapCount: (value) => ({ wap_count: value }),
  reason: (value) => ({ reason: orNull(value) }),
  workflowId: (value) => ({ workflow_id: orNull(value) }),
};

/** The columns of the fields that are present; a field that is present and undefined becomes NULL. */
export function writePositionChanges(changes: PositionChanges): StateColumns {
  const columns: StateColumns[] = [];
  for (const name of Object.keys(WRITERS) as (keyof PositionChanges)[]) {
    if (!(name in changes)) continue;
    const write = WRITERS[name] as (value: unknown) => StateColumns;
    columns.push(write(changes[name]));
  }
  return Object.assign({}, ...columns) as StateColumns;
}
