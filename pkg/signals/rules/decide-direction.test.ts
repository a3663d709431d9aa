import { describe, expect, test } from 'vitest';

import type { Direction, Timeframe } from '#pkg/domain';
import type { Conclusion } from './conclude-direction.ts';
import { decideDirection, type Decided } from './decide-direction.ts';

type Said = Direction | 'unclear';

const conclusionOf = (said: Said): Conclusion =>
  said === 'unclear'
    ? { kind: 'unclear', reason: 'DirectionUnclear', message: '' }
    : { kind: 'concluded', direction: said };

/** Walks the ladder with what each timeframe says; returns where it ended. */
function walk(
  standing: Direction | undefined,
  ...said: readonly Said[]
): readonly [string, Decided] {
  let claims: readonly Direction[] = [];
  for (const [index, timeframe] of (['1h', '4h', '1d'] satisfies Timeframe[]).entries()) {
    const conclusion = conclusionOf(said[index] ?? 'unclear');
    const decided = decideDirection(conclusion, { timeframe, standing, claims });
    if (decided.kind !== 'climb') return [timeframe, decided];
    claims = decided.claims;
  }
  throw new Error('the longest timeframe decides');
}

const taken = (direction: Direction): Decided => ({ kind: 'concluded', direction });
const DOUBTED: Decided = { kind: 'doubted', reason: 'EarlyDirectionChange' };
const NONE: Decided = { kind: 'none', reason: 'DirectionUnclear' };

describe('the ladder', () => {
  test.for<readonly [string, Direction | undefined, readonly Said[], string, Decided]>([
    ['a first direction is taken at once', undefined, ['long'], '1h', taken('long')],
    ['what is unclear climbs', undefined, ['unclear', 'unclear', 'short'], '1d', taken('short')],
    ['and ends without a direction', undefined, ['unclear', 'unclear', 'unclear'], '1d', NONE],
    ['the one that stands is taken again at once', 'long', ['long'], '1h', taken('long')],
    ['one that stands ends when nothing is clear', 'long', [], '1d', NONE],
    ['a flip at 1h needs 4h to agree', 'long', ['short', 'short'], '4h', taken('short')],
    ['or 1d, when 4h is silent', 'long', ['short', 'unclear', 'short'], '1d', taken('short')],
    ['a flip at 4h after a silent 1h is taken', 'long', ['unclear', 'short'], '4h', taken('short')],
    ['a flip at 1h alone is doubted', 'long', ['short', 'unclear', 'unclear'], '1d', DOUBTED],
    ['a 4h that contradicts the 1h is doubted', 'long', ['short', 'long'], '4h', DOUBTED],
    ['and so is a 1d', 'long', ['short', 'unclear', 'long'], '1d', DOUBTED],
  ])('%s', ([, standing, said, timeframe, decided]) => {
    expect(walk(standing, ...said)).toEqual([timeframe, decided]);
  });

  test('a provider that contradicts the candles is not asked for longer ones', () => {
    const conclusion = { kind: 'unclear', reason: 'ReadingsDisagree', message: '' } as const;
    const ladder = { timeframe: '1h', standing: 'long', claims: [] } as const;
    expect(decideDirection(conclusion, ladder)).toEqual({
      kind: 'none',
      reason: 'ReadingsDisagree',
    });
  });
});
