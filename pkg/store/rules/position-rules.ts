/** What each write does to a position row, as pure functions that both adapters share. */
import {
  findNextPositionStatus,
  OPEN_POSITION_STATUSES,
  type Position,
  type PositionEvent,
} from '#pkg/domain';
import { Decimal } from '#pkg/base';
import type { NewPosition, PositionChanges } from '../position-store.ts';
import { storedAmount } from './amount.ts';

/** Returns the row of a position that has just taken its slot. */
export function newPosition(taken: NewPosition): Position {
  return {
    ...taken,
    status: 'new',
    marginUsdt: undefined,
    leverage: undefined,
    entryPrice: undefined,
    entryQuantity: undefined,
    quantity: undefined,
    breakEvenPrice: undefined,
    profitPrice: undefined,
    stopPrice: undefined,
    openedAtMs: undefined,
    closedAtMs: undefined,
    closePrice: undefined,
    realizedPnl: undefined,
    closeReason: undefined,
    wapCount: 0,
    reason: undefined,
    workflowId: undefined,
    updatedAtMs: taken.createdAtMs,
  };
}

/** Returns the position with `changes` (a field that is present and undefined is cleared). */
export function changedPosition(
  position: Position,
  changes: PositionChanges,
  nowMs: number,
): Position {
  return { ...position, ...storedChanges(changes), updatedAtMs: nowMs };
}

/** Returns the position after `event`, or undefined when the table has no such pair. */
export function advancedPosition(
  position: Position,
  event: PositionEvent,
  options: { readonly changes?: PositionChanges; readonly nowMs: number },
): Position | undefined {
  const status = findNextPositionStatus(position.status, event);
  if (status === undefined) return undefined;
  return { ...changedPosition(position, options.changes ?? {}, options.nowMs), status };
}

/** Returns `changes` with amounts as the store keeps them. */
export function storedChanges(changes: PositionChanges): PositionChanges {
  return Object.fromEntries(
    Object.entries(changes).map(([name, value]) => [
      name,
      value instanceof Decimal ? storedAmount(value) : value,
    ]),
  );
}

/** True while the position holds its slot and its pair. */
export function isOpenPosition(position: Position): boolean {
  return OPEN_POSITION_STATUSES.includes(position.status);
}

/** True when a second create with the same id is a repeat of the first. */
export function isSameIntent(a: Position, b: Position): boolean {
  return (
    a.accountId === b.accountId &&
    a.symbol === b.symbol &&
    a.direction === b.direction &&
    a.slot === b.slot
  );
}
