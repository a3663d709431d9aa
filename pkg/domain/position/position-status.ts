/**
 * The life of a position, as a table.
 *
 *   new ──▶ opening ──▶ active ──▶ closing ──▶ closed
 *              │         │  ▲         │
 *              │    sync │  │ wap     └──▶ failed      exposure may remain: pages a human
 *              └──▶ canceling ──▶ canceled            proved flat: pages nobody
 *
 * A failed position holds no slot. A person's `flatten` or `recover` tries it again, and it is `closed` once flat.
 *
 * `findNextPositionStatus` has no answer for a pair that is absent from the table. The test walks every pair.
 */
export const POSITION_TRANSITIONS = {
  new: { OpeningStarted: 'opening', CleanupStarted: 'canceling' },
  opening: { Activated: 'active', CleanupStarted: 'canceling', CloseStarted: 'closing' },
  active: {
    SyncStarted: 'syncing',
    WapStarted: 'waping',
    CloseStarted: 'closing',
    CleanupStarted: 'canceling',
  },
  syncing: { SyncFinished: 'active', CleanupStarted: 'canceling', CloseStarted: 'closing' },
  waping: { WapFinished: 'active', CleanupStarted: 'canceling', CloseStarted: 'closing' },
  closing: { ProvedFlat: 'closed', NotProvedFlat: 'failed' },
  canceling: { ProvedFlat: 'canceled', NotProvedFlat: 'failed' },
  closed: {},
  canceled: {},
  failed: { ProvedFlat: 'closed' },
} as const;

export type PositionStatus = keyof typeof POSITION_TRANSITIONS;
export type PositionEvent =
  | 'OpeningStarted'
  | 'Activated'
  | 'SyncStarted'
  | 'SyncFinished'
  | 'WapStarted'
  | 'WapFinished'
  | 'CloseStarted'
  | 'CleanupStarted'
  | 'ProvedFlat'
  | 'NotProvedFlat';

/** Statuses that hold a slot: the unique index on (account, symbol, direction) covers exactly these. */
export const OPEN_POSITION_STATUSES: readonly PositionStatus[] = [
  'new',
  'opening',
  'active',
  'syncing',
  'waping',
  'closing',
  'canceling',
];

/** Returns the status after `event`, or undefined where the table has no such pair. */
export function findNextPositionStatus(
  status: PositionStatus,
  event: PositionEvent,
): PositionStatus | undefined {
  const moves: Partial<Record<PositionEvent, PositionStatus>> = POSITION_TRANSITIONS[status];
  return moves[event];
}
