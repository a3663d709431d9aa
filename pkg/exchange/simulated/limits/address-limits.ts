/**
 * Request weight of each source address, in windows that begin with the clock's minutes.
 *
 * Over the limit: 429 until the minute ends. Who goes on asking is banned (418), twice as long each time.
 * Source: the venue's "General Info", section "Limits".
 */
const MINUTE_MS = 60_000;
const IGNORED_REFUSALS_MAX = 20;
const BAN_MS_MIN = 120_000;
const BAN_MS_MAX = 259_200_000;

export type LimitVerdict =
  | { readonly kind: 'granted'; readonly usedWeight: number }
  | { readonly kind: 'limited'; readonly usedWeight: number; readonly retryAfterSeconds: number }
  | {
      readonly kind: 'banned';
      readonly usedWeight: number;
      readonly retryAfterSeconds: number;
      readonly untilMs: number;
    };

interface AddressUse {
  minute: number;
  usedWeight: number;
  refusals: number;
  bans: number;
  bannedUntilMs: number;
}

export interface AddressLimits {
  take(address: string, weight: number, nowMs: number): LimitVerdict;
  ban(address: string, untilMs: number): void;
}

export function createAddressLimits(weightMax: number): AddressLimits {
  const uses = new Map<string, AddressUse>();

  function useOf(address: string, nowMs: number): AddressUse {
    const minute = Math.floor(nowMs / MINUTE_MS);
    let use = uses.get(address);
    if (use === undefined) {
      use = { minute, usedWeight: 0, refusals: 0, bans: 0, bannedUntilMs: 0 };
      uses.set(address, use);
    }
    if (use.minute !== minute) {
      use.minute = minute;
      use.usedWeight = 0;
      use.refusals = 0;
    }
    return use;
  }

  function banned(use: AddressUse, nowMs: number): LimitVerdict {
    return {
      kind: 'banned',
      usedWeight: use.usedWeight,
      retryAfterSeconds: Math.ceil((use.bannedUntilMs - nowMs) / 1000),
      untilMs: use.bannedUntilMs,
    };
  }

  return {
    take: (address, weight, nowMs) => {
      const use = useOf(address, nowMs);
      if (use.bannedUntilMs > nowMs) return banned(use, nowMs);
      use.usedWeight += weight;
      if (use.usedWeight <= weightMax) return { kind: 'granted', usedWeight: use.usedWeight };
      use.refusals += 1;
      if (use.refusals > IGNORED_REFUSALS_MAX) {
        use.bannedUntilMs = nowMs + Math.min(BAN_MS_MAX, BAN_MS_MIN * 2 ** use.bans);
        use.bans += 1;
        return banned(use, nowMs);
      }
      const minuteEndsMs = (use.minute + 1) * MINUTE_MS;
      return {
        kind: 'limited',
        usedWeight: use.usedWeight,
        retryAfterSeconds: Math.max(1, Math.ceil((minuteEndsMs - nowMs) / 1000)),
      };
    },
    ban: (address, untilMs) => {
      useOf(address, 0).bannedUntilMs = untilMs;
    },
  };
}
