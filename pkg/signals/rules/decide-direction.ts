/**
 * What becomes of a symbol after one timeframe of the ladder 1h → 4h → 1d.
 *
 * A first direction, or the one that stands, is taken at once. Another one than stands (a flip) needs a timeframe of 4h or
 * longer and earlier ones that were silent or agreed: one hour of the other direction is no reason to turn around.
 */
import type { Reason } from '#pkg/base';
import { TIMEFRAMES, type Direction, type Timeframe } from '#pkg/domain';

import type { Conclusion } from './conclude-direction.ts';

/** The shortest timeframe that may turn a symbol around. */
const FLIP_TIMEFRAME_MIN: Timeframe = '4h';

export type Decided =
  | { readonly kind: 'concluded'; readonly direction: Direction }
  /** Ask the next timeframe; `claims` are the directions that earlier ones gave without being taken. */
  | { readonly kind: 'climb'; readonly claims: readonly Direction[] }
  /** The old direction stands and is not acted on. */
  | { readonly kind: 'doubted'; readonly reason: Reason }
  | { readonly kind: 'none'; readonly reason: Reason };

const DOUBTED: Decided = { kind: 'doubted', reason: 'EarlyDirectionChange' };

export interface Ladder {
  readonly timeframe: Timeframe;
  /** The direction that stands from an earlier pass, doubted or not. */
  readonly standing: Direction | undefined;
  readonly claims: readonly Direction[];
}

export function decideDirection(
  conclusion: Conclusion,
  { timeframe, standing, claims }: Ladder,
): Decided {
  const isLast = timeframe === TIMEFRAMES.at(-1);
  if (conclusion.kind === 'unclear') {
    // A provider that says something else than the candles is not asked for longer ones.
    if (conclusion.reason === 'ReadingsDisagree')
      return { kind: 'none', reason: conclusion.reason };
    if (!isLast) return { kind: 'climb', claims };
    return standing !== undefined && claims.length > 0
      ? DOUBTED
      : { kind: 'none', reason: conclusion.reason };
  }
  const { direction } = conclusion;
  if (standing === undefined) return { kind: 'concluded', direction };
  if (claims.some((claim) => claim !== direction)) return DOUBTED;
  if (standing === direction || mayFlip(timeframe)) return { kind: 'concluded', direction };
  return isLast ? DOUBTED : { kind: 'climb', claims: [...claims, direction] };
}

function mayFlip(timeframe: Timeframe): boolean {
  return TIMEFRAMES.indexOf(timeframe) >= TIMEFRAMES.indexOf(FLIP_TIMEFRAME_MIN);
}
