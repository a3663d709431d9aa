import { FleetError, required } from '#pkg/base';
import type { Lane } from '#pkg/domain';
import type { ModeName } from '#pkg/modes';
import type { WorkflowDefinition } from '#pkg/steps';
import { findCadenceProblem, type Cadence } from './cadence.ts';

/**
 * One line of the timetable.
 *
 * An instant is answered once, by whichever scheduler leads. While the workflow of the last run is unfinished
 * the next instant is held, and several missed instants are answered by one run. What a mode held is run when that
 * mode has ended.
 */
export type TimetableEntry = Cadence & {
  /** Kebab-case; names the runs, so renaming one forgets its past. */
  readonly name: string;
  /** One sentence for the operator. */
  readonly purpose: string;
  readonly workflow: WorkflowDefinition<undefined>;
  /** Runs at once when it has never run. */
  readonly atStart: boolean;
  /** Entries whose workflow must have finished at least once, and must not be unfinished, before this one runs. */
  readonly after?: readonly string[];
  /** Modes of the fleet in which it does not run. */
  readonly heldIn: readonly ModeName[];
  /** A run that is unfinished for longer is alarmed: the entry is mute meanwhile. */
  readonly overlapMsMax: number;
};

/** Returns the lane of the first step that a run of the entry puts down. */
export function laneOf(entry: TimetableEntry): Lane {
  const [first] = entry.workflow.steps(undefined);
  return required(first, 'A workflow has steps.').definition.lane;
}

/** Returns the key under which at most one run of the entry is unfinished. */
export function scheduleKeyOf(entryName: string): string {
  return `schedule:${entryName}`;
}

/** The timetable names what cannot be run. The message lists every mistake. */
export class TimetableError extends FleetError<'TIMETABLE_INVALID'> {
  constructor(mistakes: readonly string[]) {
    super(
      'TIMETABLE_INVALID',
      `unusable timetable:\n${mistakes.map((line) => `  ${line}`).join('\n')}`,
    );
  }
}

/** Returns `entry` as it is, with its type. */
export function defineEntry(entry: TimetableEntry): TimetableEntry {
  return entry;
}

/** Throws {@link TimetableError} for doubled names, unusable cadences, unknown prerequisites and circles of them. */
export function validateTimetable(entries: readonly TimetableEntry[]): void {
  const mistakes: string[] = [];
  const byName = new Map<string, TimetableEntry>();
  for (const entry of entries) {
    if (byName.has(entry.name)) mistakes.push(`${entry.name}: the name is taken twice`);
    byName.set(entry.name, entry);
    if (!/^[a-z][a-z0-9-]*$/.test(entry.name)) mistakes.push(`${entry.name}: not kebab-case`);
    if (entry.overlapMsMax <= 0) mistakes.push(`${entry.name}: overlapMsMax must be above 0`);
    const problem = findCadenceProblem(entry);
    if (problem !== undefined) mistakes.push(`${entry.name}: ${problem}`);
  }
  for (const entry of entries) {
    for (const name of entry.after ?? []) {
      if (!byName.has(name)) mistakes.push(`${entry.name}: after names ${name}, which is no entry`);
    }
    if (reaches(entry.name, entry, byName, new Set())) {
      mistakes.push(`${entry.name}: it would have to run after itself`);
    }
  }
  if (mistakes.length > 0) throw new TimetableError(mistakes);
}

function reaches(
  target: string,
  from: TimetableEntry,
  byName: ReadonlyMap<string, TimetableEntry>,
  seen: Set<string>,
): boolean {
  return (from.after ?? []).some((name) => {
    if (name === target) return true;
    const next = byName.get(name);
    if (next === undefined || seen.has(name)) return false;
    seen.add(name);
    return reaches(target, next, byName, seen);
  });
}
