/**
 * What a symbol is worth for a slot: ln(1 + |elasticity|) × |correlation| × room × stability (domain.md 8).
 *
 * A ladder earns from movement that comes back, so a symbol that follows BTC in its own direction, strongly and
 * steadily, and that still has room before the next level, is worth more. Diversification is a fifth factor that
 * depends on what was picked before: see pick-candidates.
 */
import type { Reason } from '#pkg/base';
import type { Direction } from '#pkg/domain';
import type { Levels, Measure } from '#pkg/prospects';

export interface Score {
  readonly kind: 'scored';
  readonly score: number;
  readonly factors: Factors;
}

export interface Factors {
  readonly elasticity: number;
  readonly correlation: number;
  readonly room: number;
  readonly stability: number;
}

/** Why a symbol is only taken when no scored one is left. */
export interface NoScore {
  readonly kind: 'unscored';
  readonly reason: Reason;
  readonly message: string;
}

/** Share of the way from support to resistance, from the adverse edge, in which the score falls to nothing. */
const EDGE_RATIO = 0.2;
/** Figures older than two hourly passes say nothing of now. */
const AGE_MS_MAX = 2.5 * 3_600_000;

export interface ScoredFacts {
  readonly direction: Direction;
  /** Of BTC, where it is concluded and fresh. */
  readonly leader: Direction | undefined;
  readonly measure: Measure | undefined;
  readonly levels: Levels | undefined;
  readonly mark: number;
  readonly nowMs: number;
}

/**
 * Scores a symbol for a side. The sign rule: on BTC's side its correlation must be positive, on the other negative;
 * without a direction of BTC no sign is right.
 */
export function scoreCandidate(facts: ScoredFacts): Score | NoScore {
  const { direction, leader, measure, levels, mark, nowMs } = facts;
  if (measure === undefined) {
    return unscored('CandlesMissing', 'How it moves with BTC was not measured yet.');
  }
  if (measure.kind === 'unavailable') return unscored(measure.reason, measure.message);
  if (nowMs - measure.atMs > AGE_MS_MAX) {
    return unscored('CandlesStale', 'How it moves with BTC was measured too long ago.');
  }
  if (levels === undefined || nowMs - levels.atMs > AGE_MS_MAX) {
    return unscored('ReadingMissing', 'Its support and resistance are not known.');
  }
  const elasticity = measure.elasticity[direction === 'long' ? 'rising' : 'falling'];
  if (elasticity === undefined) {
    return unscored('CandlesMissing', 'BTC moved too seldom in this direction to compare with.');
  }
  if (leader === undefined) return unscored('LeaderUnclear', 'BTC has no direction to go with.');
  const { correlation, stability } = measure;
  if (Math.sign(correlation) !== (leader === direction ? 1 : -1)) {
    return unscored(
      'AgainstLeader',
      `BTC points ${leader}, and a correlation of ${correlation.toFixed(2)} has the wrong sign for a ${direction}.`,
    );
  }
  const factors = {
    elasticity: Math.log(1 + Math.abs(elasticity)),
    correlation: Math.abs(correlation),
    room: measureRoom(levels, { direction, mark }),
    stability,
  };
  const score = factors.elasticity * factors.correlation * factors.room * factors.stability;
  return score > 0
    ? { kind: 'scored', score, factors }
    : unscored('NoRoom', describeNothing(factors));
}

function describeNothing({ room }: Factors): string {
  return room === 0
    ? 'It stands at the far level already, so it has no room to go.'
    : 'Its correlation with BTC or its elasticity is too unsteady to count on.';
}

/**
 * Returns the room left between support and resistance: 1 until a fifth of the way is left, falling to 0 at the level.
 * Beyond the farthest level the symbol breaks out: 1 with the direction, 0 against it.
 */
export function measureRoom(
  { s1, r1, s3 = Number.NEGATIVE_INFINITY, r3 = Number.POSITIVE_INFINITY }: Levels,
  { direction, mark }: { readonly direction: Direction; readonly mark: number },
): number {
  if (mark > r3) return direction === 'long' ? 1 : 0;
  if (mark < s3) return direction === 'short' ? 1 : 0;
  const wayMade = (mark - s1) / (r1 - s1);
  const left = direction === 'long' ? 1 - wayMade : wayMade;
  return r1 > s1 ? Math.max(0, Math.min(1, left / EDGE_RATIO)) : 0;
}

function unscored(reason: Reason, message: string): NoScore {
  return { kind: 'unscored', reason, message };
}
