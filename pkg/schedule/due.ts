import type { Reason } from '#pkg/base';
import { MODES, type Mode } from '#pkg/modes';
import type { ScheduleRun } from '#pkg/store';
import { lastDueAtMs, nextDueAtMs } from './cadence.ts';
import type { TimetableEntry } from './entry.ts';

export interface DueRun {
  readonly entry: TimetableEntry;
  readonly dueAtMs: number;
  /** A scheduler began this run and left before it was written what came of it. */
  readonly isRepeat: boolean;
  /** The mode that held this run before, which may have ended. */
  readonly heldBy?: Reason;
}

/**
 * Returns what is to run now, given the newest run of each entry, and when to look again.
 *
 * Missed instants are one run, the newest. An entry that never ran is due at once when it is marked so,
 * and otherwise at its first instant after `sinceMs`, when the scheduler began to look.
 */
export function planDueRuns(
  entries: readonly TimetableEntry[],
  newest: ReadonlyMap<
    string,
    Pick<ScheduleRun, 'dueAtMs' | 'result'> & Partial<Pick<ScheduleRun, 'reason'>>
  >,
  time: { readonly nowMs: number; readonly sinceMs: number },
): { readonly due: readonly DueRun[]; readonly nextAtMs: number | undefined } {
  const due: DueRun[] = [];
  let nextAtMs: number | undefined;
  for (const entry of entries) {
    const last = newest.get(entry.name);
    const dueAtMs = lastDueAtMs(entry, time.nowMs);
    const isFirst = last === undefined && (entry.atStart || (dueAtMs ?? 0) > time.sinceMs);
    const isLater = last !== undefined && (dueAtMs ?? 0) > last.dueAtMs;
    if (dueAtMs !== undefined && (isFirst || isLater)) {
      due.push({ entry, dueAtMs, isRepeat: false });
    } else if (last?.result === 'running') {
      due.push({ entry, dueAtMs: last.dueAtMs, isRepeat: true });
    } else if (last?.result === 'held' && MODE_REASONS.has(last.reason)) {
      const heldBy = last.reason;
      due.push({
        entry,
        dueAtMs: last.dueAtMs,
        isRepeat: true,
        ...(heldBy === undefined ? {} : { heldBy }),
      });
    }
    const next = nextDueAtMs(entry, time.nowMs);
    if (next !== undefined) nextAtMs = Math.min(next, nextAtMs ?? next);
  }
  return { due, nextAtMs };
}

const MODE_REASONS: ReadonlySet<Reason | undefined> = new Set(
  Object.values(MODES).flatMap(({ reason }: Mode) => (reason === undefined ? [] : [reason])),
);
