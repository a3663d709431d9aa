/**
 * Which requests got through to the venue, so that exposure may be judged by what the fleet could do about it.
 *
 * A time out of reach begins with a request that the venue refused or that did not get through, and ends with the next
 * one that did: for orders with the next order of the same symbol, for the rest with any request of the account. While
 * no worker lives that may trade, everything is out of reach; while no dispatcher does, what would have to begin anew.
 */
export interface Reach {
  note(
    request: { readonly key: string; readonly symbol: string | undefined },
    gotThrough: boolean,
    atMs: number,
  ): void;
  /** Whether a process of this kind lives: one that could send an order, or one that admits what begins. */
  noteLiving(kind: Kind, someLive: boolean, atMs: number): void;
  /** How much of the time from `fromMs` to `untilMs` an order of the symbol was out of reach, ms. */
  outOfReachMs(
    at: { readonly key: string; readonly symbol: string; readonly isAnew: boolean },
    fromMs: number,
    untilMs: number,
  ): number;
}

type Kind = 'workers' | 'dispatcher';

interface Outage {
  readonly fromMs: number;
  untilMs: number;
}

/** Older ones are forgotten. */
const OUTAGES_MAX = 200;

export function createReach(): Reach {
  const outages = new Map<string, Outage[]>();
  const note = (name: string, isWithin: boolean, atMs: number): void => {
    const known = outages.get(name) ?? [];
    outages.set(name, known);
    const last = known.at(-1);
    const isOpen = last?.untilMs === Number.POSITIVE_INFINITY;
    if (isWithin && isOpen) last.untilMs = atMs;
    if (isWithin || isOpen) return;
    known.push({ fromMs: atMs, untilMs: Number.POSITIVE_INFINITY });
    if (known.length > OUTAGES_MAX) known.shift();
  };
  return {
    note: ({ key, symbol }, gotThrough, atMs) => note(`${key} ${symbol ?? ''}`, gotThrough, atMs),
    noteLiving: note,
    outOfReachMs: ({ key, symbol, isAnew }, fromMs, untilMs) => {
      const kinds: readonly Kind[] = isAnew ? ['workers', 'dispatcher'] : ['workers'];
      const all = [`${key} ${symbol}`, `${key} `, ...kinds]
        .flatMap((name) => outages.get(name) ?? [])
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
