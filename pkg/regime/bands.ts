import { assert, Decimal } from '#pkg/base';
import type { Direction, Notional } from '#pkg/domain';

export type Band = 'calm' | 'elevated' | 'fragile' | 'critical';

/** What a score allows positions that are opened under it (domain.md 9). */
export interface RegimeEffects {
  readonly band: Band;
  /** Times the leverage, rounded down, but never under 1x. */
  readonly leverageFactor: number;
  /** Times the slots of each side, rounded down; what is open beyond it is left alone. */
  readonly slotFactor: number;
  /** Times the margin of a position. */
  readonly marginFactor: number;
}

const BANDS: readonly {
  readonly band: Band;
  readonly scoreMin: number;
  readonly leverageFactor: number;
  readonly slotFactor: number;
}[] = [
  { band: 'critical', scoreMin: 80, leverageFactor: 0, slotFactor: 0 },
  { band: 'fragile', scoreMin: 60, leverageFactor: 0.5, slotFactor: 0.5 },
  { band: 'elevated', scoreMin: 40, leverageFactor: 0.66, slotFactor: 0.75 },
  { band: 'calm', scoreMin: 0, leverageFactor: 1, slotFactor: 1 },
];

/** Returns the band of a score of 0 to 100. */
export function bandOf(score: number): Band {
  return rowOf(score).band;
}

/** Returns what a score allows new positions; in the critical band nothing. */
export function effectsOf(score: number): RegimeEffects {
  const { band, leverageFactor, slotFactor } = rowOf(score);
  return { band, leverageFactor, slotFactor, marginFactor: marginFactorOf(band, score) };
}

function rowOf(score: number) {
  assert(score >= 0 && score <= 100, 'A regime score lies within 0 and 100.');
  const row = BANDS.find(({ scoreMin }) => score >= scoreMin);
  assert(row !== undefined, 'Every score has a band.');
  return row;
}

/** In the fragile band from 1 at 60 down to one half at 79. */
function marginFactorOf(band: Band, score: number): number {
  if (band === 'critical') return 0;
  return band === 'fragile' ? 1 - (0.5 * (Math.min(score, 79) - 60)) / 19 : 1;
}

const CROWDED_RATIO = 0.7;

/**
 * Returns the factor for the margin of a new position on `side`: 1 while less than 70 % of the open notional is on
 * that side, from there down to one half where all of it is.
 */
export function crowdingMarginFactor(
  open: Readonly<Record<Direction, Notional>>,
  side: Direction,
): number {
  const total = Decimal.add(open.long, open.short);
  if (!total.gt(0)) return 1;
  const share = open[side].div(total).toNumber();
  if (share < CROWDED_RATIO) return 1;
  return 1 - (0.5 * (share - CROWDED_RATIO)) / (1 - CROWDED_RATIO);
}
