import { formatInstant } from '#pkg/base';
import { MODES, overdueMsOf, type Mode, type ModeName, type StandingMode } from '#pkg/modes';
import { formatAge } from '../format/words.ts';

/** The mode that stands, for people and scripts. */
export interface ModeView {
  readonly mode: ModeName;
  readonly means: string;
  readonly reason: string | null;
  readonly by: string;
  readonly why: string;
  readonly since: string | null;
  readonly until: string | null;
  readonly ageMs: number | null;
  /** For how long it stands beyond what it is meant to; null while it does not. */
  readonly overdueMs: number | null;
}

export function modeView(standing: StandingMode, nowMs: number): ModeView {
  const { name, by, why, sinceMs, untilMs } = standing;
  const mode: Mode = MODES[name];
  const isDated = sinceMs > 0;
  return {
    mode: name,
    means: mode.means,
    reason: mode.reason ?? null,
    by,
    why,
    since: isDated ? formatInstant(sinceMs) : null,
    until: untilMs === undefined ? null : formatInstant(untilMs),
    ageMs: isDated ? Math.max(0, nowMs - sinceMs) : null,
    overdueMs: overdueMsOf(standing, nowMs) ?? null,
  };
}

export function describeModeView({ mode, by, why, ageMs, until, overdueMs }: ModeView): string {
  const age = ageMs === null ? '' : ` for ${formatAge(ageMs)}`;
  const end = until === null ? '' : `, until ${until}`;
  const late = overdueMs === null ? '' : `, ${formatAge(overdueMs)} longer than it should`;
  return `${mode}${age}${end}${late} by ${by}: ${why}`;
}
