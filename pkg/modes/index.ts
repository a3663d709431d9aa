/**
 * modes: what the fleet as a whole lets happen now: normal, warm-up, close-only, cooldown, maintenance, freeze.
 *
 * One table of what each mode holds, one row of which stands, since when, until when, by whom and why. It stops
 * nothing itself: admission, the gates of an opening, the timetable and (for a freeze) the workers ask it. A pause by
 * hand and a halt of a guard are not modes: they hold openings beside it. Invariant: only a freeze holds what protects.
 */
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
