/**
 * Which requests got through to the venue, so that exposure may be judged by what the fleet could do about it.
 *
 * A time out of reach begins with a request that the venue refused or that did not get through, and ends with the next
 * one that did: for orders with the next order of the same symbol, for the rest with any request of the account.
 */
export interface Reach {
  note(
    request: { readonly key: string; readonly symbol: string | undefined },
    gotThrough: boolean,
    atMs: number,
  ): void;
  /** How much of the time from `fromMs` to `untilMs` an order of the symbol was out of reach, ms. */
  outOfReachMs(
    at: { readonly key: string; readonly symbol: string },
    fromMs: number,
    untilMs: number,
  ): number;
}

interface Outage {
  readonly fromMs: number;
  untilMs: number;
}

/** Older ones are forgotten. */
const OUTAGES_MAX = 200;

export function createReach(): Reach {
  const outages = new Map<string, Outage[]>();
  return {
    note: ({ key, symbol }, gotThrough, atMs) => {
      const name = `${key} ${symbol ?? ''}`;
      const known = outages.get(name) ?? [];
      outages.set(name, known);
      const last = known.at(-1);
      const isOpen = last?.untilMs === Number.POSITIVE_INFINITY;
      if (gotThrough && isOpen) last.untilMs = atMs;
      if (gotThrough || isOpen) return;
      known.push({ fromMs: atMs, untilMs: Number.POSITIVE_INFINITY });
      if (known.length > OUTAGES_MAX) known.shift();
    },
    outOfReachMs: ({ key, symbol }, fromMs, untilMs) => {
      const all = [...(outages.get(`${key} ${symbol}`) ?? []), ...(outages.get(`${key} `) ?? [])]
        .map(
          (outage) => [Math.max(fromMs, outage.fromMs), Math.min(untilMs, outage.untilMs)] as const,
        )
        .filter(([from, until]) => until > from)
        .toSorted(([a], [b]) => a - b);
      let [sumMs, coveredMs] = [0, fromMs];
      for (const [from, until] of all) {
        sumMs += Math.max(0, until - Math.max(from, coveredMs));
        coveredMs = Math.max(coveredMs, until);
      }
      return sumMs;
    },
  };
}
