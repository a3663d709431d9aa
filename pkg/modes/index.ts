/**
 * modes: what the fleet as a whole lets happen now: normal, warm-up, close-only, cooldown, maintenance, freeze.
 *
 * One table of what each mode holds, one row of which stands, since when, until when, by whom and why. It stops
 * nothing itself: admission, the gates of an opening, the timetable and (for a freeze) the workers ask it. A pause by
 * hand is no mode; a halt is a guard's hold of openings, kept here because openings ask for it. What the last look
 * at the fleet's health found is kept here too, so that every view reads one row. Invariant: only a freeze holds what protects.
 */
export { followHalts, HALT_CLEAN_MS, readHalts, saveHalts, type Halt } from './halts.ts';
export {
  readHealth,
  saveHealth,
  type Audience,
  type HealthRecord,
  type HealthState,
  type Severity,
} from './health-record.ts';
export {
  holdOf,
  modeAfter,
  MODE_NAMES,
  MODES,
  overdueMsOf,
  type Mode,
  type ModeName,
  type StandingMode,
} from './modes.ts';
export { readMode, setMode } from './standing-mode.ts';
export { watchFreeze } from './watch-mode.ts';
