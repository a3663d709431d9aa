import { expect, test } from 'vitest';

import {
  findNextPositionStatus,
  OPEN_POSITION_STATUSES,
  POSITION_TRANSITIONS,
  type PositionEvent,
  type PositionStatus,
} from './position-status.ts';

const STATUSES = Object.keys(POSITION_TRANSITIONS) as PositionStatus[];
const EVENTS = [
  ...new Set(Object.values(POSITION_TRANSITIONS).flatMap((moves) => Object.keys(moves))),
] as PositionEvent[];

test('every pair of status and event moves by the table or not at all', () => {
  for (const status of STATUSES) {
    for (const event of EVENTS) {
      const expected = (POSITION_TRANSITIONS[status] as Partial<Record<PositionEvent, string>>)[
        event
      ];
      expect(findNextPositionStatus(status, event)).toBe(expected);
    }
  }
});

test('nothing leads out of a closed or canceled position, and of a failed one only the proof that it is flat', () => {
  for (const status of STATUSES) {
    const events = Object.keys(POSITION_TRANSITIONS[status]);
    const isOver = events.length === 0 || status === 'failed';
    expect(OPEN_POSITION_STATUSES.includes(status)).toBe(!isOver);
    if (status === 'failed') expect(events).toEqual(['ProvedFlat']);
  }
});

test('whatever a held position does, it can be closed', () => {
  for (const status of ['opening', 'active', 'syncing', 'waping'] as const) {
    expect(findNextPositionStatus(status, 'CloseStarted')).toBe('closing');
    expect(findNextPositionStatus(status, 'CleanupStarted')).toBe('canceling');
  }
});
