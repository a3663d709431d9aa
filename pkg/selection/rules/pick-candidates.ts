/**
 * In which order candidates get the free slots of a side.
 *
 * First what has just closed in profit, fast and in this direction; then what is scored, the best first; then what has
 * no score, because a slot that stays empty earns nothing. Within each, what moves like a symbol that the side holds
 * or that was picked before it in the same look counts less.
 */
import type { AccountSettings, Position, Direction, SymbolName } from '#pkg/domain';
import type { NoScore, Score } from './score-candidate.ts';

/** Closed within so long, after so short a life, and in profit: domain.md 8. */
const FAST = { closedMs: 3_600_000, livedMs: 600_000 } as const;
/** Two daily correlations with BTC closer than this count as alike; the same one leaves this share of the score. */
const ALIKE = { difference: 0.2, shareMin: 0.55 } as const;

export type Tier = 'fast-track' | 'scored' | 'fallback';
const TIERS: readonly Tier[] = ['fast-track', 'scored', 'fallback'];

export interface Candidate {
  readonly symbol: SymbolName;
  readonly tier: Tier;
  readonly score: Score | NoScore;
  readonly dailyCorrelation: number | undefined;
  /** What a position in it would keep as its settings. */
  readonly settings: AccountSettings;
}

/** A candidate in its place, with what being like the others left of its score. */
export interface Picked extends Candidate {
  readonly diversification: number;
  readonly rank: number;
}

export function tierOf(isFast: boolean, score: Score | NoScore): Tier {
  if (isFast) return 'fast-track';
  return score.kind === 'scored' ? 'scored' : 'fallback';
}

/**
 * Takes the best candidate out of `left`, after `before` were picked; undefined when none is left.
 *
 * `left` comes in the order that decides between equals.
 */
export function pickNext(
  left: Candidate[],
  before: readonly Pick<Candidate, 'symbol' | 'dailyCorrelation'>[],
): Omit<Picked, 'rank'> | undefined {
  let best: { readonly at: number; readonly tier: number; readonly value: number } | undefined;
  for (const [at, candidate] of left.entries()) {
    const tier = TIERS.indexOf(candidate.tier);
    const value = valueOf(candidate) * diversify(candidate, before);
    if (best === undefined || tier < best.tier || (tier === best.tier && value > best.value)) {
      best = { at, tier, value };
    }
  }
  if (best === undefined) return undefined;
  const [picked] = left.splice(best.at, 1);
  return picked && { ...picked, diversification: diversify(picked, before) };
}

/** Without a score every symbol is worth the same, so that only likeness and chance decide. */
function valueOf({ score }: Candidate): number {
  return score.kind === 'scored' ? score.score : 1;
}

/** Returns what being like the nearest of `others` leaves of a score: 1 where none is alike. */
export function diversify(
  { dailyCorrelation }: Pick<Candidate, 'dailyCorrelation'>,
  others: readonly Pick<Candidate, 'dailyCorrelation'>[],
): number {
  if (dailyCorrelation === undefined) return 1;
  const nearest = Math.min(
    ALIKE.difference,
    ...others.flatMap((other) =>
      other.dailyCorrelation === undefined
        ? []
        : [Math.abs(other.dailyCorrelation - dailyCorrelation)],
    ),
  );
  return ALIKE.shareMin + (1 - ALIKE.shareMin) * (nearest / ALIKE.difference);
}

/** Returns the symbols that closed in profit within the last hour, in this direction, after less than ten minutes. */
export function listFastTrack(
  closed: readonly Position[],
  { direction, nowMs }: { readonly direction: Direction; readonly nowMs: number },
): ReadonlySet<SymbolName> {
  const isFast = (position: Position): boolean => {
    const { openedAtMs, closedAtMs, realizedPnl } = position;
    return (
      position.status === 'closed' &&
      position.direction === direction &&
      openedAtMs !== undefined &&
      closedAtMs !== undefined &&
      nowMs - closedAtMs <= FAST.closedMs &&
      closedAtMs - openedAtMs < FAST.livedMs &&
      realizedPnl?.gt(0) === true
    );
  };
  return new Set(closed.filter(isFast).map(({ symbol }) => symbol));
}
