import type { SettingStore } from '#pkg/store';

/** A person holds admission of new work, and every opening; what protects and closes goes on. */
export interface OpeningPause {
  readonly owner: string;
  readonly why: string;
  readonly sinceMs: number;
  /** Ends by itself then, by the wall clock; absent: when somebody ends it. */
  readonly untilMs?: number;
}

const SETTING = 'opening-pause';
/** What a setting without owner and end says. */
const ON = 'on';
const OFF = 'off';

/** Returns the pause that stands at `nowMs`, or undefined. Rejects with StoreUnavailableError. */
export async function findOpeningPause(
  settings: SettingStore,
  nowMs: number,
): Promise<OpeningPause | undefined> {
  return parsePause(await settings.find(SETTING), nowMs);
}

/** Lets a pause stand in place of any before it; undefined ends it. */
export async function setOpeningPause(
  settings: SettingStore,
  pause: OpeningPause | undefined,
  nowMs: number,
): Promise<void> {
  await settings.set(SETTING, pause === undefined ? OFF : JSON.stringify(pause), nowMs);
}

function parsePause(value: string | undefined, nowMs: number): OpeningPause | undefined {
  if (value === undefined || value === OFF) return undefined;
  if (value === ON) return { owner: 'unknown', why: 'unknown', sinceMs: 0 };
  const pause = JSON.parse(value) as OpeningPause;
  return pause.untilMs !== undefined && pause.untilMs <= nowMs ? undefined : pause;
}
