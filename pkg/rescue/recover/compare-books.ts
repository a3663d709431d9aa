import {
  isTerminalOrderStatus,
  type AccountSettings,
  type Order,
  type Position,
  type WorkflowId,
} from '#pkg/domain';
import type { VenueOrder, VenuePosition } from '#pkg/exchange';
import { currentOrders } from '#pkg/lifecycles';

import { describeOrder, describePair } from '../describe.ts';
import { isHalfAdopted } from '../adopt-holding.ts';
import { isSamePair, type VenueBooks } from '../venue-books.ts';

/** One row that holds a slot, or has failed, with all its orders. */
export interface PositionRows {
  readonly position: Position;
  readonly orders: readonly Order[];
  /** The workflow that moved it last runs no more. */
  readonly isOwnerGone: boolean;
}

/** What an order is at the venue that does not stand there any more; undefined: the venue has forgotten it. */
export type FoundOrders = ReadonlyMap<Order['id'], VenueOrder | undefined>;

/**
 * What mends a finding.
 *
 * adopt         write the rows of what the venue holds
 * close         the workflow that closes: sells what is left, proves flat, closes the books
 * cleanup       the same for an opening that will not go on
 * confirm-flat  two readings 20 s apart, then close
 * sync          read the venue's orders and quantity into the rows, and do what they ask for
 * restore       place the orders again that are missing
 * cancel-order  end one order at the venue
 * wait          somebody works on it
 */
export type Remedy =
  | 'adopt'
  | 'close'
  | 'cleanup'
  | 'confirm-flat'
  | 'sync'
  | 'restore'
  | 'cancel-order'
  | 'wait';

export interface Finding {
  readonly remedy: Remedy;
  readonly what: string;
  /** What is done about it, as a sentence. */
  readonly deed: string;
  readonly position?: Position | undefined;
  readonly held?: VenuePosition | undefined;
  readonly order?: VenueOrder | undefined;
  /** Of `wait`: the workflow that works on it. */
  readonly workflowId?: WorkflowId | undefined;
}

export interface Comparison {
  readonly findings: readonly Finding[];
  /** The user's own: it stays. */
  readonly kept: readonly { readonly what: string; readonly why: string }[];
}

export interface ComparedFacts {
  readonly settings: AccountSettings;
  readonly rows: readonly PositionRows[];
  readonly failed: readonly PositionRows[];
  readonly venue: VenueBooks;
  readonly found: FoundOrders;
  /** Holdings of others are taken as the fleet's. */
  readonly isAdopting: boolean;
}

/** Quantities that differ by less are rounding. Source: the predecessor's drift checks. */
const TOLERANCE_RATIO = 0.001;

/** Returns where the rows of an account and the venue differ, and what mends it. Pure. */
export function compareBooks(facts: ComparedFacts): Comparison {
  const { settings, rows, failed, venue, isAdopting } = facts;
  const findings: Finding[] = [];
  const kept: { what: string; why: string }[] = [];
  const rebuilt = new Set<string>();
  for (const held of venue.positions) {
    if (rows.some(({ position }) => isSamePair(position, held))) continue;
    const what = `${describePair(held)} of ${held.quantity.toString()} stands at the venue`;
    const before = failed.find(({ position }) => isSamePair(position, held));
    const own = venue.own.filter(({ order, isLost }) => isLost && isSamePair(order, held));
    if (before !== undefined) {
      const deed = 'closed at market, and its books';
      findings.push({
        ...{ remedy: 'close', position: before.position, deed },
        what: `${what}; its position has failed`,
      });
    } else if (own.length > 0) {
      for (const { order } of own) rebuilt.add(order.clientOrderId);
      const deed = `its rows are written again, with ${own.length} orders`;
      findings.push({
        ...{ remedy: 'adopt', held, deed },
        what: `${what} with orders of ours and in no row`,
      });
    } else if (isAdopting || settings.allowOtherPositions === false) {
      const deed = 'taken as ours: rows are written, stop and profit order are placed, no ladder';
      findings.push({
        ...{ remedy: 'adopt', held, deed },
        what: `${what} and is nobody's of ours`,
      });
    } else kept.push({ what, why: 'nothing of ours: the account lets other positions be' });
  }
  for (const each of rows) findings.push(...compareRows(facts, each));
  for (const { position } of failed) {
    if (venue.positions.some((held) => isSamePair(position, held))) continue;
    const what = `${describePair(position)} has failed, and the venue holds nothing of it`;
    findings.push({ remedy: 'close', position, what, deed: 'its books are closed' });
  }
  for (const { order, row, positionId, isLost } of venue.own) {
    if (rebuilt.has(order.clientOrderId)) continue;
    if (row !== undefined && !isLost && !isTerminalOrderStatus(row.status)) continue;
    const position = rows.find((each) => each.position.id === positionId)?.position;
    const state = row === undefined ? 'has no row' : `is ${row.status} in its row`;
    const what = `${describeOrder(order)} ${state}`;
    const isActive = position?.status === 'active';
    const deed = isActive ? 'canceled, and what its position misses is placed again' : 'canceled';
    findings.push({ remedy: 'cancel-order', order, what, deed, ...(isActive ? { position } : {}) });
  }
  for (const order of venue.others) {
    kept.push({ what: describeOrder(order), why: 'not ours: the account lets other orders be' });
  }
  return { findings, kept };
}

const TRANSIENT: ReadonlySet<Position['status']> = new Set([
  'new',
  'opening',
  'closing',
  'canceling',
  'syncing',
  'waping',
]);

function compareRows(facts: ComparedFacts, rows: PositionRows): readonly Finding[] {
  const { position, isOwnerGone } = rows;
  const who = describePair(position);
  const { status, workflowId } = position;
  if (TRANSIENT.has(status) && !isOwnerGone) {
    const what = `${who} is ${status}, and its workflow runs`;
    return [{ remedy: 'wait', position, workflowId, what, deed: 'left to it' }];
  }
  const held = facts.venue.positions.find((other) => isSamePair(other, position));
  if (held !== undefined && isHalfAdopted(position, rows.orders)) {
    const what = `${who} of ${held.quantity.toString()} stands at the venue and its rows are half written`;
    return [{ remedy: 'adopt', position, held, what, deed: 'written to the end' }];
  }
  const stuck = `${who} is ${status}, and its workflow has ended`;
  switch (status) {
    case 'new':
    case 'opening':
    case 'canceling':
      return [{ remedy: 'cleanup', position, what: stuck, deed: 'cleaned up' }];
    case 'closing':
      return [{ remedy: 'close', position, what: stuck, deed: 'closed' }];
    case 'syncing':
    case 'waping':
      return [
        { remedy: 'sync', position, what: stuck, deed: 'active again' },
        ...compareHeld(facts, rows),
      ];
    default:
      return compareHeld(facts, rows);
  }
}

function compareHeld(
  { venue, found }: ComparedFacts,
  { position, orders }: PositionRows,
): readonly Finding[] {
  const who = describePair(position);
  const held = venue.positions.find((other) => isSamePair(other, position));
  if (held === undefined) {
    const what = `${who} is ${position.status} with ${position.quantity?.toString() ?? 'an unknown quantity'}, and the venue holds nothing`;
    const deed = 'if it is flat 20 s later too, its orders are canceled and its books closed';
    return [{ remedy: 'confirm-flat', position, what, deed }];
  }
  const findings: Finding[] = [];
  const differ = (what: string): void => {
    findings.push({
      remedy: 'sync',
      position,
      what,
      deed: 'the row takes it over, and what follows from it is done',
    });
  };
  const quantity = position.quantity ?? held.quantity.minus(held.quantity);
  if (quantity.minus(held.quantity).abs().gt(held.quantity.mul(TOLERANCE_RATIO))) {
    differ(
      `${who} is ${held.quantity.toString()} at the venue and ${quantity.toString()} in its row`,
    );
  }
  const current = currentOrders(orders);
  for (const order of current) {
    const seen = venue.own.find(({ row }) => row?.id === order.id)?.order ?? found.get(order.id);
    const difference = differenceOf(order, seen, found.has(order.id));
    if (difference !== undefined) differ(`${who}: ${placeOf(order)} ${difference}`);
  }
  for (const purpose of ['stop', 'profit'] as const) {
    const stands = venue.own.some(
      ({ order, slot }) => slot.purpose === purpose && isSamePair(order, held),
    );
    const isFilled = current.some(
      (order) => order.purpose === purpose && seenAs(order, found) === 'filled',
    );
    if (stands || isFilled) continue;
    const what = `${who} has no ${purpose} order at the venue`;
    findings.push({ remedy: 'restore', position, what, deed: 'placed again' });
  }
  return findings;
}

function seenAs(order: Order, found: FoundOrders): string {
  return found.get(order.id)?.status ?? order.status;
}

/** Says how an order differs at the venue; undefined when it does not, or when the row says that it is over. */
function differenceOf(
  order: Order,
  seen: VenueOrder | undefined,
  wasAsked: boolean,
): string | undefined {
  if (isTerminalOrderStatus(order.status)) return undefined;
  if (seen === undefined) {
    return wasAsked
      ? `is ${order.status} in its row, and the venue knows nothing of it`
      : undefined;
  }
  if (seen.status !== order.status)
    return `is ${order.status} in its row and ${seen.status} at the venue`;
  if (!seen.filledQuantity.eq(order.filledQuantity)) {
    return `has filled ${seen.filledQuantity.toString()} at the venue and ${order.filledQuantity.toString()} in its row`;
  }
  const isMoved =
    seen.price !== undefined && order.price !== undefined && !seen.price.eq(order.price);
  return isMoved
    ? `stands at ${seen.price?.toString() ?? ''} at the venue and at ${order.price?.toString() ?? ''} in its row`
    : undefined;
}

function placeOf({ purpose, rungIndex }: Order): string {
  return purpose === 'rung' ? `rung ${rungIndex}` : `the ${purpose} order`;
}
