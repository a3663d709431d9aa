import { formatInstant } from '#pkg/base';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Returns an age as kubectl writes it: `850ms`, `12s`, `3m20s`, `5h3m`, `4d6h`. */
export function formatAge(durationMs: number): string {
  const ms = Math.max(0, Math.round(durationMs));
  if (ms < SECOND_MS) return `${ms}ms`;
  if (ms < 2 * MINUTE_MS) return `${Math.floor(ms / SECOND_MS)}s`;
  if (ms < HOUR_MS) return pair(ms, [MINUTE_MS, 'm'], [SECOND_MS, 's']);
  if (ms < DAY_MS) return pair(ms, [HOUR_MS, 'h'], [MINUTE_MS, 'm']);
  return pair(ms, [DAY_MS, 'd'], [HOUR_MS, 'h']);
}

function pair(
  ms: number,
  large: readonly [number, string],
  small: readonly [number, string],
): string {
  const whole = Math.floor(ms / large[0]);
  const rest = Math.floor((ms % large[0]) / small[0]);
  return rest === 0 ? `${whole}${large[1]}` : `${whole}${large[1]}${rest}${small[1]}`;
}

const DURATION_UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: SECOND_MS,
  m: MINUTE_MS,
  h: HOUR_MS,
};

/** Returns the milliseconds of `90s`, `2m`, `1h30m`, `500ms`, or undefined when it is no duration. */
export function parseDurationMs(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount = '0', , unit = 's'] of text.matchAll(/(\d+(\.\d+)?)(ms|s|m|h)/g)) {
    total += Number(amount) * (DURATION_UNITS_MS[unit] ?? 0);
  }
  return total;
}

/** Returns the clock time of an instant in UTC, `18:04:09`. */
export function formatClock(atMs: number): string {
  return formatInstant(atMs).slice(11, 19);
}
