import type { SettingStore } from '#pkg/store';

/** Source: the product's rule of 503 and 504, which open nothing at any account of the venue for so long. */
const COOLDOWN_MS = 30 * 60_000;
const SETTING = 'venue-cooldown-until-ms';

/** Writes that the venue said at `nowMs` that it cannot serve (503, 504): nothing is opened for half an hour. */
export async function startVenueCooldown(settings: SettingStore, nowMs: number): Promise<void> {
  await settings.set(SETTING, String(nowMs + COOLDOWN_MS), nowMs);
}

/** Returns until when nothing is opened, by the wall clock; undefined where the venue is taken to be well. */
export async function findVenueCooldown(
  settings: Pick<SettingStore, 'find'>,
  nowMs: number,
): Promise<number | undefined> {
  const untilMs = Number((await settings.find(SETTING)) ?? 0);
  return untilMs > nowMs ? untilMs : undefined;
}
