import type { SettingStore } from '#pkg/store';

import { modeAfter, MODES, type StandingMode } from './modes.ts';

const SETTING = 'fleet-mode';

const NORMAL: StandingMode = {
  name: 'normal',
  by: 'kraite',
  why: 'nobody set another mode',
  sinceMs: 0,
};

/**
 * Returns the mode at `nowMs`. One whose time has passed is answered as the mode that follows it.
 *
 * Rejects with StoreUnavailableError. A value that is no mode counts as close-only: what a later release wrote must not
 * be taken for leave to open.
 */
export async function readMode(
  settings: Pick<SettingStore, 'find'>,
  nowMs: number,
): Promise<StandingMode> {
  const value = await settings.find(SETTING);
  if (value === undefined) return NORMAL;
  const standing = parse(value);
  if (standing.untilMs === undefined || standing.untilMs > nowMs) return standing;
  return {
    name: modeAfter(standing.name),
    by: standing.by,
    why: `the time of ${standing.name} has passed (${standing.why})`,
    sinceMs: standing.untilMs,
  };
}

/** Lets a mode stand in place of any before it. */
export async function setMode(
  settings: Pick<SettingStore, 'set'>,
  standing: StandingMode,
): Promise<void> {
  await settings.set(SETTING, JSON.stringify(standing), standing.sinceMs);
}

function parse(value: string): StandingMode {
  const unreadable: StandingMode = {
    name: 'close-only',
    by: 'unknown',
    why: `the setting ${SETTING} cannot be read by this release`,
    sinceMs: 0,
  };
  try {
    const standing = JSON.parse(value) as StandingMode;
    return standing.name in MODES ? standing : unreadable;
  } catch {
    return unreadable;
  }
}
