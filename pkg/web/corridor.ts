import type { Decimal } from '#pkg/base';
import type { Direction, Price } from '#pkg/domain';

/** The prices between which a position lives. */
export interface CorridorInput {
  readonly direction: Direction;
  readonly stopPrice: Price | undefined;
  readonly profitPrice: Price | undefined;
  readonly entryPrice: Price | undefined;
  /** Once a rung filled, the position breaks even here and no longer at the entry. */
  readonly breakEvenPrice: Price | undefined;
  readonly rungs: readonly {
    readonly index: number;
    readonly price: Price;
    readonly isFilled: boolean;
  }[];
  readonly markPrice: Price | undefined;
}

export interface CorridorKnot {
  readonly kind: 'stop' | 'rung' | 'entry' | 'average' | 'profit';
  readonly label: string;
  readonly price: string;
  /** 0 is the stop's end, 1 the profit's. */
  readonly at: number;
  readonly isFilled: boolean;
}

export interface Corridor {
  readonly knots: readonly CorridorKnot[];
  readonly mark:
    | {
        readonly price: string;
        readonly at: number;
        /** The mark lies outside; `at` is the nearer end. */
        readonly isBeyond: boolean;
      }
    | undefined;
}

/**
 * Returns the corridor as places on a bar, from danger (0) to profit (1) in both directions.
 *
 * Knots stand at equal distances and the mark in proportion between its neighbours: rungs lie percents apart
 * and the profit tenths of one, so a plain scale would show a single smear. Filled rungs that the average
 * has left behind are not drawn. Undefined until two prices are known.
 */
export function planCorridor(input: CorridorInput): Corridor | undefined {
  const sign = input.direction === 'long' ? 1 : -1;
  const profit = input.profitPrice;
  const drawn = collectKnots(input)
    .filter(
      ({ kind, price }) =>
        kind !== 'rung' || profit === undefined || price.minus(profit).times(sign).lt(0),
    )
    .toSorted((a, b) => a.price.minus(b.price).times(sign).toNumber());
  if (drawn.length < 2) return undefined;
  const knots = drawn.map(({ price, ...knot }, index) => ({
    ...knot,
    price: price.toString(),
    at: index / (drawn.length - 1),
  }));
  const mark = input.markPrice;
  return {
    knots,
    mark:
      mark === undefined
        ? undefined
        : placeMark(
            mark,
            drawn.map(({ price }) => price),
            sign,
          ),
  };
}

interface Knot {
  readonly kind: CorridorKnot['kind'];
  readonly label: string;
  readonly price: Decimal;
  readonly isFilled: boolean;
}

function collectKnots(input: CorridorInput): readonly Knot[] {
  const knot = (kind: Knot['kind'], price: Price | undefined, isFilled: boolean): Knot[] =>
    price === undefined ? [] : [{ kind, label: kind, price, isFilled }];
  const hasAverage =
    input.rungs.some((rung) => rung.isFilled) && input.breakEvenPrice !== undefined;
  return [
    ...knot('stop', input.stopPrice, false),
    ...input.rungs.map(({ index, price, isFilled }) => ({
      kind: 'rung' as const,
      label: `rung ${index}`,
      price,
      isFilled,
    })),
    ...(hasAverage
      ? knot('average', input.breakEvenPrice, true)
      : knot('entry', input.entryPrice, true)),
    ...knot('profit', input.profitPrice, false),
  ];
}

function placeMark(mark: Decimal, prices: readonly Decimal[], sign: number): Corridor['mark'] {
  const price = mark.toString();
  const isPast = (other: Decimal | undefined): boolean =>
    other !== undefined && mark.minus(other).times(sign).gte(0);
  const passed = prices.filter((each) => isPast(each)).length;
  const lower = prices[passed - 1];
  const upper = prices[passed];
  if (lower === undefined) return { price, at: 0, isBeyond: true };
  if (upper === undefined) return { price, at: 1, isBeyond: !mark.eq(lower) };
  const share = mark.minus(lower).div(upper.minus(lower)).toNumber();
  return { price, at: (passed - 1 + share) / (prices.length - 1), isBeyond: false };
}
