import type { PositionId } from '#pkg/domain';
import { decide, type Policy } from '#pkg/lifecycles';

import type { SideFacts } from './selection-policy.ts';

/** How many rungs of a position's ladder are filled; those of a position that is absent are none. */
export type FilledRungs = ReadonlyMap<PositionId, number>;

type LadderFacts = Pick<SideFacts, 'account' | 'direction' | 'open' | 'filledRungs'>;

/** No more of a side that has come to the end of a ladder: the next same-side ladders fall with it (incident 52). */
export const noLadderIsFull: Policy<LadderFacts> = (facts) => {
  const full = laddersOf(facts).find(({ filled, rungs }) => filled >= rungs);
  return decide(
    full === undefined,
    'LadderFull',
    `Every rung of ${full?.symbol ?? 'a position'} is filled; account ${facts.account.name} opens nothing ${facts.direction} until it is closed.`,
  );
};

/** Closed while more than half of the side's positions have passed the middle of their ladder. */
export const fewLaddersAreHalfFull: Policy<LadderFacts> = (facts) => {
  const ladders = laddersOf(facts);
  const half = ladders.filter(({ filled, rungs }) => filled * 2 > rungs);
  return decide(
    half.length * 2 <= ladders.length,
    'LaddersHalfFull',
    `${half.length} of ${ladders.length} ${facts.direction} positions of account ${facts.account.name} have passed half of their ladder.`,
  );
};

/** The positions of the side; one without a ladder can fill none. */
function laddersOf({ open, direction, filledRungs }: LadderFacts) {
  return open
    .filter((position) => position.direction === direction)
    .map(({ id, symbol, settings }) => ({
      symbol,
      rungs: settings.multipliers.length === 0 ? Infinity : settings.multipliers.length,
      filled: filledRungs.get(id) ?? 0,
    }));
}
