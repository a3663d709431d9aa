import { isTerminalOrderStatus, type Order, type Position } from '#pkg/domain';
import type { VenueOrder, VenuePosition } from '#pkg/exchange';

import type { Drift } from './drift-rows.ts';

/** A position whose rows changed later is still being worked on. Source: the predecessor's drift checks. */
export const QUIET_MS = 10 * 60_000;
/** Differences of quantity up to this part are rounding. Source: the same. */
const TOLERANCE_RATIO = 0.001;

/** True when nothing of the position has changed lately, so that rows and venue must agree. */
export function isQuiet(position: Position, orders: readonly Order[], nowMs: number): boolean {
  const newestMs = Math.max(position.updatedAtMs, ...orders.map(({ updatedAtMs }) => updatedAtMs));
  return position.status === 'active' && nowMs - newestMs >= QUIET_MS;
}

/** Returns where rows and venue differ. Only what the rows know is compared: a user's own orders are nobody's drift. */
export function findDrift(
  position: Position,
  orders: readonly Order[],
  venue: { readonly positions: readonly VenuePosition[]; readonly orders: readonly VenueOrder[] },
): readonly Drift[] {
  const { id: positionId, symbol, direction } = position;
  const who = `The ${direction} of ${symbol}`;
  const held = venue.positions.find(
    (other) => other.symbol === symbol && other.direction === direction,
  )?.quantity;
  const standing = new Set(venue.orders.map(({ clientOrderId }) => clientOrderId));
  const drift: Drift[] = [];
  const expected = position.quantity;
  if (expected !== undefined) {
    const difference = expected.minus(held ?? 0).abs();
    if (difference.gt(expected.mul(TOLERANCE_RATIO))) {
      const message = `${who} holds ${held?.toString() ?? 'nothing'} at the venue and ${expected.toString()} in the rows.`;
      drift.push({ positionId, kind: 'quantity', message });
    }
  }
  const working = orders.filter((order) => !isTerminalOrderStatus(order.status));
  const gone = working.filter((order) => !standing.has(order.clientOrderId));
  const orphans = orders.filter(
    (order) => isTerminalOrderStatus(order.status) && standing.has(order.clientOrderId),
  );
  if (gone.length + orphans.length > 0) {
    const message = `${who} has ${gone.length} orders in the rows only and ${orphans.length} at the venue only.`;
    drift.push({ positionId, kind: 'orders', message });
  }
  // Flat at the venue: what is missing then was taken away by the close, and proves nothing.
  const missing = (['stop', 'profit'] as const).filter(
    (purpose) =>
      held !== undefined &&
      !orders.some((order) => order.purpose === purpose && standing.has(order.clientOrderId)),
  );
  const unanswered = orders.filter(
    ({ purpose, status, fillHandled }) => purpose === 'rung' && status === 'filled' && !fillHandled,
  );
  if (missing.length > 0) {
    const message = `${who} has no ${missing.join(' and no ')} order at the venue.`;
    drift.push({ positionId, kind: 'structure', message });
  } else if (unanswered.length > 0) {
    const message = `${who} has ${unanswered.length} filled rungs that no re-average answered.`;
    drift.push({ positionId, kind: 'structure', message });
  }
  return drift;
}
