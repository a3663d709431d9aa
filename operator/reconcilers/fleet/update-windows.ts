import type { FleetSpec } from '#pkg/fleet-spec';
import { durationMs } from '#pkg/fleet-spec';

export type UpdateWindow = FleetSpec['update']['windows'][number];

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** The venue settles funding every eight hours, at 00:00, 08:00 and 16:00 UTC. */
const FUNDING_EVERY_MS = 8 * 60 * MINUTE_MS;
const BEFORE_FUNDING_MS = 15 * MINUTE_MS;
const AFTER_FUNDING_MS = 5 * MINUTE_MS;

/** Returns how long no box may begin to drain because funding is settled; 0 when one may. */
export function waitForFundingMs(nowMs: number): number {
  const sinceMs = nowMs % FUNDING_EVERY_MS;
  if (sinceMs < AFTER_FUNDING_MS) return AFTER_FUNDING_MS - sinceMs;
  const untilMs = FUNDING_EVERY_MS - sinceMs;
  return untilMs <= BEFORE_FUNDING_MS ? untilMs + AFTER_FUNDING_MS : 0;
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
/** 1970-01-01 was a Thursday. */
const FIRST_DAY = 4;

/** Returns how long it is until one of `windows` (UTC) is open: 0 when one is, or when there are none. */
export function waitForWindowMs(windows: readonly UpdateWindow[], nowMs: number): number {
  if (windows.length === 0) return 0;
  return Math.min(...windows.map((window) => waitForOneMs(window, nowMs)));
}

function waitForOneMs(window: UpdateWindow, nowMs: number): number {
  const today = Math.floor(nowMs / DAY_MS);
  const lastsMs = durationMs(window.lasts);
  let waitMs = Number.POSITIVE_INFINITY;
  // A window may have opened on an earlier day and last until now; after a week everything repeats.
  for (let day = today - Math.ceil(lastsMs / DAY_MS); day <= today + 7; day += 1) {
    const name = DAYS[(day + FIRST_DAY) % 7];
    if (window.days.length > 0 && !window.days.some((each) => each === name)) continue;
    const opensAtMs = day * DAY_MS + timeOfDayMs(window.from);
    if (opensAtMs + lastsMs <= nowMs) continue;
    waitMs = Math.min(waitMs, Math.max(0, opensAtMs - nowMs));
  }
  return waitMs;
}

function timeOfDayMs(text: string): number {
  const [hours, minutes] = text.split(':').map(Number);
  return ((hours ?? 0) * 60 + (minutes ?? 0)) * MINUTE_MS;
}
