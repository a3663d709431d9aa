import type { Clock } from '#pkg/base';

/**
 * How many connections one address may still make.
 *
 * The venue lets an address connect 300 times in 5 minutes. Source: developers.binance.com, WebSocket API "Rate limits",
 * section "Connection limits" (written for spot; the USD-M pages name no number, and nautilus_trader paces futures
 * sockets by the same one). No answer of the venue carries it, so it is a constant here.
 *
 * Adapters: `redis-connect-allowance.ts`, shared by every process of the address, whoever holds the lease, and `memory`
 * below; both pass `tests/conformance/connect-allowance.ts`.
 */
export interface ConnectAllowance {
  /** Takes one connection: 0 when it may be made now, else how long to wait before asking again, ms. */
  take(): Promise<number>;
}

export const CONNECT_WINDOW_MS = 300_000;
export const VENUE_CONNECTS_MAX = 300;

/**
 * What each kind of stream leaves over for the others on its address: prices may use what accounts may not, and ten are
 * left for a person with another program.
 */
export const CONNECTS_MAX = { prices: 290, accounts: 270 } as const;

export interface ConnectAllowanceOptions {
  readonly connectsMax: number;
  /** 5 minutes, unless a test has no time. */
  readonly windowMs?: number;
}

/** Returns the allowance of this process alone: at most `connectsMax` within any window. */
export function createMemoryConnectAllowance(
  { clock }: { readonly clock: Clock },
  { connectsMax, windowMs = CONNECT_WINDOW_MS }: ConnectAllowanceOptions,
): ConnectAllowance {
  let taken: readonly number[] = [];
  return {
    take: async () => {
      const nowMs = clock.monotonicMs();
      taken = taken.filter((atMs) => atMs > nowMs - windowMs);
      const blocking = taken.at(-connectsMax);
      if (blocking !== undefined) return blocking + windowMs - nowMs;
      taken = [...taken, nowMs];
      return 0;
    },
  };
}
