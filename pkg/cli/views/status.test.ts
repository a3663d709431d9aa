import { expect, test } from 'vitest';

import { modeView } from './mode.ts';
import { describeStatus, type StatusView } from './status.ts';

const VIEW: StatusView = {
  fleet: 'kraite',
  uid: 'uid',
  mode: 'simulated',
  phase: 'ready',
  uptimeMs: 1_000,
  readyMs: 500,
  seed: 1,
  sites: {},
  boxes: [],
  positions: { open: 0, byStatus: {} },
  steps: { ready: 0, running: 0, delayed: 0 },
  streams: { accounts: 3, complete: 3, incomplete: {}, deadLetters: 0 },
  health: { lookedAgoMs: 0, unwell: [], halts: [] },
  operation: modeView({ name: 'normal', by: 'kraite', why: '', sinceMs: 0 }, 0),
  holds: [],
  waits: {},
};

const streamsLine = (streams: StatusView['streams']): string | undefined =>
  describeStatus({ ...VIEW, streams })
    .split('\n')
    .find((line) => line.startsWith('Streams'));

test('the status says of how many accounts the events are complete, and why those of others are not', () => {
  expect(streamsLine(VIEW.streams)).toBe('Streams    3 of 3 accounts complete');
  const incomplete = { StreamGapOpen: 1, FramesUnstored: 1 };
  expect(streamsLine({ accounts: 3, complete: 1, incomplete, deadLetters: 12 })).toBe(
    'Streams    1 of 3 accounts complete (1 StreamGapOpen, 1 FramesUnstored), 12 frames wait to be stored',
  );
});
