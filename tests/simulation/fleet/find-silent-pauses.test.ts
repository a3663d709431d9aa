import { expect, test } from 'vitest';

import { createManualClock } from '#pkg/base';
import { id, type WorkflowId } from '#pkg/domain';
import { setHold } from '#pkg/holds';
import { createMemoryStore, type WorkflowRow } from '#pkg/store';

import { findSilentPauses } from './find-silent-pauses.ts';

const HELD: WorkflowRow = {
  id: id<WorkflowId>('w-1'),
  name: 'close-position',
  state: 'submitted',
  isProtective: true,
  isUrgent: false,
  dedupeKey: undefined,
  accountId: undefined,
  positionId: undefined,
  reason: 'FleetPaused',
  submittedAtMs: 1,
  admittedAtMs: undefined,
  finishedAtMs: undefined,
};

test('a hold that does not say why, and work that protects and is held, are told', async () => {
  const rows = createMemoryStore({ clock: createManualClock() });
  expect(await findSilentPauses(rows, 1)).toEqual([]);
  const hold = { scope: { kind: 'fleet' }, source: 'person', owner: 'ann', sinceMs: 1 } as const;
  await setHold(rows.settings, { ...hold, reason: 'FleetPaused', why: '' }, 1);
  await rows.steps.submit({ workflow: HELD, steps: [] });
  await rows.steps.submit({
    workflow: { ...HELD, id: id<WorkflowId>('w-2'), name: 'open-position', isProtective: false },
    steps: [],
  });
  expect(await findSilentPauses(rows, 2)).toEqual([
    expect.stringContaining('not why'),
    expect.stringContaining('close-position (w-1) protects'),
  ]);
});
