/**
 * The candle intervals that the venue offers, and where each candle begins.
 *
 * Weeks begin on Monday and months on their first day; the others are whole multiples since 1970. Source:
 * the open times of the venue's public kline files.
 */
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const WEEK_MS = 168 * HOUR_MS;
/** Stands for a calendar month, whatever its length. */
const MONTH_MS = 720 * HOUR_MS;
/** The first Monday of 1970. */
const MONDAY_MS = 96 * HOUR_MS;

/** Lengths of the candle intervals that the venue offers. */
export const INTERVALS_MS: Readonly<Record<string, number>> = {
  '1m': MINUTE_MS,
  '3m': 3 * MINUTE_MS,
  '5m': 5 * MINUTE_MS,
  '15m': 15 * MINUTE_MS,
  '30m': 30 * MINUTE_MS,
  '1h': HOUR_MS,
  '2h': 2 * HOUR_MS,
  '4h': 4 * HOUR_MS,
  '6h': 6 * HOUR_MS,
  '8h': 8 * HOUR_MS,
  '12h': 12 * HOUR_MS,
  '1d': 24 * HOUR_MS,
  '3d': 72 * HOUR_MS,
  '1w': WEEK_MS,
  '1M': MONTH_MS,
};

/** Returns when the candle that holds `atMs` opened. */
export function openOf(intervalMs: number, atMs: number): number {
  if (intervalMs === MONTH_MS) return stepMonth(atMs, 0);
  const origin = intervalMs === WEEK_MS ? MONDAY_MS : 0;
  return Math.floor((atMs - origin) / intervalMs) * intervalMs + origin;
}

/** Returns when the candle `count` places after the one that opened at `openAtMs` opens; before it when negative. */
export function stepOpen(intervalMs: number, openAtMs: number, count: number): number {
  return intervalMs === MONTH_MS ? stepMonth(openAtMs, count) : openAtMs + count * intervalMs;
}

function stepMonth(atMs: number, count: number): number {
  // A calendar is asked for, not what time it is.
  // oxlint-disable-next-line no-restricted-globals
  const Calendar = Date;
  const date = new Calendar(atMs);
  return Calendar.UTC(date.getUTCFullYear(), date.getUTCMonth() + count, 1);
}
