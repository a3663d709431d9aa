import type { AccountId } from '#pkg/domain';
import type { Store } from '#pkg/store';

/** Request weight of one address in a minute. Source: `rateLimits` of the venue's exchangeInfo. */
const ADDRESS_WEIGHT_MINUTE = 2_400;
/** Part of what the addresses may send that one kind of look takes; the rest is for what happens. */
const TURN_SHARE = 0.2;
/** From one run of the timetable to the next. */
const TURN_MINUTES = 5;
/** A worker that has not beaten for longer is away. */
const BEAT_AGE_MS_MAX = 5_000;

/** An account that may be looked at, although nothing asks for it. */
export interface Waiting {
  readonly accountId: AccountId;
  /** Request weight of the look. */
  readonly weight: number;
  /** 0 when nobody looked yet. */
  readonly lookedAtMs: number;
}

/**
 * Returns which accounts one run of the timetable looks at: those not looked at for longest, as far as the share of the
 * budget goes. A small fleet gets all of its accounts each time, a large one by turns.
 */
export function planTurn(
  waiting: readonly Waiting[],
  { addresses }: { readonly addresses: number },
): readonly AccountId[] {
  let left = TURN_SHARE * TURN_MINUTES * ADDRESS_WEIGHT_MINUTE * Math.max(1, addresses);
  const chosen: AccountId[] = [];
  for (const { accountId, weight } of waiting.toSorted((a, b) => a.lookedAtMs - b.lookedAtMs)) {
    left -= weight;
    if (left < 0) break;
    chosen.push(accountId);
  }
  return chosen;
}

/** Returns from how many addresses positions are worked on now: each box has its own. */
export async function countAddresses({ workers }: Pick<Store, 'workers'>): Promise<number> {
  const alive = (await workers.list()).filter(
    ({ lanes, beatAgeMs }) =>
      beatAgeMs <= BEAT_AGE_MS_MAX && lanes.some(({ lane }) => lane === 'positions'),
  );
  return new Set(alive.map(({ box }) => box)).size;
}
