import { REASONS, type Reason } from '#pkg/base';
import type { FleetStatus } from '#pkg/local';
import { formatTable } from '../format/table.ts';
import { formatAge } from '../format/words.ts';
import { boxRows, BOXES_VIEW } from './boxes.ts';
import type { StatusView } from './status.ts';

/** What the supervisor alone knows of the fleet, for when the rows cannot be read. */
export interface StatusWithoutRows extends Pick<
  StatusView,
  'fleet' | 'uid' | 'mode' | 'phase' | 'uptimeMs' | 'boxes' | 'waits'
> {
  /** Why nothing is said of positions, streams and steps. */
  readonly rows: Reason;
}

export function statusWithoutRows(
  status: FleetStatus,
  nowMs: number,
  reason: Reason,
): StatusWithoutRows {
  return {
    fleet: status.fleet,
    uid: status.uid,
    mode: status.mode,
    phase: status.phase,
    uptimeMs: Math.max(0, Math.round(nowMs - status.startedAtMs)),
    rows: reason,
    boxes: boxRows(status.boxes, []),
    waits: { [reason]: 1 },
  };
}

/** Returns the same as text for people. */
export function describeStatusWithoutRows(view: StatusWithoutRows): string {
  const readyBoxes = view.boxes.filter(({ state }) => state === 'ready').length;
  return [
    `Fleet      ${view.fleet} (${view.mode}, ${view.phase}) up ${formatAge(view.uptimeMs)}`,
    `Boxes      ${readyBoxes} of ${view.boxes.length} ready`,
    `Rows       ${view.rows}: ${REASONS[view.rows]}`,
    '',
    ...formatTable(BOXES_VIEW.columns, view.boxes, { isWide: false }),
  ].join('\n');
}
