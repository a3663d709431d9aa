/**
 * Market time: how long the market has run, standing still while the venue is down.
 *
 * Each run of the process is a session that says where market time stood when it began; the list is
 * journaled, so that prices go on where they stopped, and old candles keep their real time stamps.
 */
export interface MarketSession {
  readonly realMs: number;
  readonly marketMs: number;
}

/** Returns market time at wall-clock time `realMs`; 0 before the first session. */
export function marketTimeAt(sessions: readonly MarketSession[], realMs: number): number {
  for (let index = sessions.length - 1; index >= 0; index -= 1) {
    const session = sessions[index];
    if (session === undefined || session.realMs > realMs) continue;
    const runMs = session.marketMs + (realMs - session.realMs);
    const endMs = sessions[index + 1]?.marketMs ?? Number.POSITIVE_INFINITY;
    return Math.min(runMs, endMs);
  }
  return 0;
}
