import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { price, type Direction } from '#pkg/domain';
import { planCorridor, type CorridorInput } from './corridor.ts';

function ladder(direction: Direction, changes: Partial<CorridorInput> = {}): CorridorInput {
  const sign = direction === 'long' ? 1 : -1;
  const at = (percent: number) => price(100 + sign * percent);
  return {
    direction,
    stopPrice: at(-36),
    profitPrice: at(1),
    entryPrice: at(0),
    breakEvenPrice: undefined,
    rungs: [1, 2, 3, 4].map((index) => ({ index, price: at(-8 * index), isFilled: false })),
    markPrice: at(0.5),
    ...changes,
  };
}

describe('planCorridor', () => {
  it.each(['long', 'short'] as const)('runs from the stop to the profit for a %s', (direction) => {
    const corridor = planCorridor(ladder(direction));
    expect(corridor?.knots.map(({ label }) => label)).toEqual([
      'stop',
      'rung 4',
      'rung 3',
      'rung 2',
      'rung 1',
      'entry',
      'profit',
    ]);
    expect(corridor?.knots.map(({ at }) => at)).toEqual([0, 1, 2, 3, 4, 5, 6].map((n) => n / 6));
    expect(corridor?.mark?.at).toBeCloseTo(5.5 / 6);
  });

  it('shows the average in place of the entry once a rung filled', () => {
    const rungs = [1, 2, 3, 4].map((index) => ({
      index,
      price: price(100 - 8 * index),
      isFilled: index === 1,
    }));
    const corridor = planCorridor(
      ladder('long', { rungs, breakEvenPrice: price(94), profitPrice: price(95) }),
    );
    expect(corridor?.knots.map(({ label }) => label)).toEqual([
      'stop',
      'rung 4',
      'rung 3',
      'rung 2',
      'rung 1',
      'average',
      'profit',
    ]);
  });

  it('pins a mark beyond an end to that end and says so', () => {
    const beyond = planCorridor(ladder('long', { markPrice: price(120) }));
    expect(beyond?.mark).toMatchObject({ at: 1, isBeyond: true });
    const below = planCorridor(ladder('long', { markPrice: price(10) }));
    expect(below?.mark).toMatchObject({ at: 0, isBeyond: true });
  });

  it('is absent until two prices are known', () => {
    const nothing = { stopPrice: undefined, profitPrice: undefined, rungs: [] };
    expect(planCorridor(ladder('long', nothing))).toBeUndefined();
  });

  it('moves the mark towards the profit when the price moves that way', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Direction>('long', 'short'),
        fc.double({ min: 1, max: 200, noNaN: true }),
        fc.double({ min: 0, max: 50, noNaN: true }),
        (direction, base, step) => {
          const placeOf = (value: number) =>
            planCorridor(ladder(direction, { markPrice: price(value) }))?.mark?.at ?? 0;
          const [first, second] = [placeOf(base), placeOf(base + step)];
          expect(direction === 'long' ? second >= first : second <= first).toBe(true);
        },
      ),
    );
  });
});
