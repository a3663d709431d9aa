import { expect, test } from 'vitest';

import { id, type StepId } from '#pkg/domain';
import type { StepRow } from '#pkg/store';
import { groupFailures } from './failures.ts';

const NOW_MS = 1_800_000_000_000;

function failed(number: number, name: string, error: string): StepRow {
  return {
    id: id<StepId>(`step-${number}`),
    name,
    error,
    reason: 'AttemptsSpent',
    createdAtMs: NOW_MS - 90_000,
    finishedAtMs: NOW_MS - number * 1_000,
  } as StepRow;
}

test('ninety failures of one kind are one line, so that the single real one beside them is seen (incident 46)', () => {
  const noise = Array.from({ length: 90 }, (_, at) =>
    failed(at, 'read-indicator', `HTTP 404: no candles of symbol ${at}`),
  );
  const groups = groupFailures(
    [...noise, failed(91, 'place-entry', 'margin is insufficient')],
    NOW_MS,
  );
  expect(groups.map(({ name, count }) => [name, count])).toEqual([
    ['read-indicator', 90],
    ['place-entry', 1],
  ]);
  expect(groups[0]?.newestStep).toBe('step-0');
});
