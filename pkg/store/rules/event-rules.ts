import type { FleetEvent, NewFleetEvent } from '../store.ts';

/** Longer than a single INSERT can stay uncommitted without its writer being lost. */
const GAP_MS_MAX = 1_000;

/** Returns the event as a row with `sequence`. */
export function completeEvent(event: NewFleetEvent, sequence: number): FleetEvent {
  return {
    sequence,
    atMs: event.atMs,
    kind: event.kind,
    box: event.box,
    accountId: event.accountId,
    positionId: event.positionId,
    symbol: event.symbol,
    reason: event.reason,
    message: event.message,
  };
}

/**
 * Returns the events up to the first gap that may still be filled.
 *
 * Numbers are given out before the commit, so 7 can be read before 6 is there; a reader that went on from 7
 * would never see 6. A gap older than a second is a number that was never used.
 */
export function settledPrefix(
  after: number,
  rows: readonly { readonly event: FleetEvent; readonly ageMs: number }[],
): readonly FleetEvent[] {
  let last = after;
  const settled: FleetEvent[] = [];
  for (const { event, ageMs } of rows) {
    if (event.sequence !== last + 1 && ageMs < GAP_MS_MAX) break;
    settled.push(event);
    last = event.sequence;
  }
  return settled;
}
