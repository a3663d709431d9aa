import type { Random } from './random.ts';

export interface BackoffOptions {
  readonly baseMs: number;
  readonly capMs: number;
}

/** Returns the delay before try `attempt` (1 is the first repeat): exponential, capped, with full jitter in [half, whole]. */
export function backoffDelayMs(attempt: number, options: BackoffOptions, random: Random): number {
  const ceilingMs = Math.min(options.capMs, options.baseMs * 2 ** Math.max(0, attempt - 1));
  return Math.round(ceilingMs / 2 + random.next() * (ceilingMs / 2));
}
