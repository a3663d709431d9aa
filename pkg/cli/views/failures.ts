import { formatInstant } from '#pkg/base';
import type { StepRow } from '#pkg/store';
import type { Column } from '../format/table.ts';
import { formatAge } from '../format/words.ts';

export interface FailureGroup {
  readonly name: string;
  readonly reason: string | null;
  readonly error: string;
  readonly count: number;
  readonly newestAt: string;
  readonly newestStep: string;
  readonly ageMs: number;
}

export const FAILURE_COLUMNS: readonly Column<FailureGroup>[] = [
  { header: 'COUNT', value: ({ count }) => String(count), align: 'right' },
  { header: 'STEP', value: ({ name }) => name },
  { header: 'NEWEST', value: ({ ageMs }) => formatAge(ageMs), align: 'right' },
  { header: 'REASON', value: ({ reason }) => reason ?? '' },
  { header: 'ERROR', value: ({ error }) => error.slice(0, 100) },
  { header: 'ID', value: ({ newestStep }) => newestStep, isWide: true },
];

/** Returns the failures by step and error, most frequent first; numbers and ids do not make two errors of one. */
export function groupFailures(failed: readonly StepRow[], nowMs: number): readonly FailureGroup[] {
  const groups = Map.groupBy(failed, ({ name, reason, error }) =>
    [name, reason ?? '', likeness(error ?? '')].join('\n'),
  );
  return [...groups.values()]
    .flatMap((members) => {
      const newest = members.toSorted((a, b) => (b.finishedAtMs ?? 0) - (a.finishedAtMs ?? 0))[0];
      if (newest === undefined) return [];
      const atMs = Math.floor(newest.finishedAtMs ?? newest.createdAtMs);
      return {
        name: newest.name,
        reason: newest.reason ?? null,
        error: newest.error ?? '',
        count: members.length,
        newestAt: formatInstant(atMs),
        newestStep: newest.id,
        ageMs: Math.max(0, nowMs - atMs),
      };
    })
    .toSorted((a, b) => b.count - a.count || a.ageMs - b.ageMs);
}

function likeness(error: string): string {
  return error.replaceAll(/[0-9a-z]{20,}|\d+(\.\d+)?/g, '#');
}
