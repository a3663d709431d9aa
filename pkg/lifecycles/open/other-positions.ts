import { Type, type Static } from 'typebox';

import { Decimal } from '#pkg/base';
import { notional, price, quantity, type Notional, type Position } from '#pkg/domain';
import type { VenuePosition } from '#pkg/exchange';
import type { FullLadder } from '#pkg/risk';
import type { Store } from '#pkg/store';

/** What the account holds at the venue that no row of ours explains; amounts as decimal text. */
export const OTHER_POSITIONS = Type.Array(
  Type.Object({
    symbol: Type.String(),
    direction: Type.Union([Type.Literal('long'), Type.Literal('short')]),
    quantity: Type.String(),
    markPrice: Type.String(),
    unrealizedUsdt: Type.String(),
  }),
);
export type OtherPositions = Static<typeof OTHER_POSITIONS>;

/** Returns what is the user's own: a pair is ours while a row of ours holds it. */
export function findOtherPositions(
  held: readonly VenuePosition[],
  ours: readonly Pick<Position, 'symbol' | 'direction'>[],
): OtherPositions {
  return held
    .filter(
      ({ symbol, direction }) =>
        !ours.some((row) => row.symbol === symbol && row.direction === direction),
    )
    .map((row) => ({
      symbol: row.symbol,
      direction: row.direction,
      quantity: row.quantity.toFixed(),
      markPrice: row.markPrice.toFixed(),
      unrealizedUsdt: row.unrealizedPnl.toFixed(),
    }));
}

/** Returns them as ladders without rungs and without a stop of ours, and what they have gained. */
export async function weighOtherPositions(
  { symbols }: Pick<Store, 'symbols'>,
  others: OtherPositions,
): Promise<{ readonly ladders: readonly FullLadder[]; readonly unrealizedUsdt: Notional }> {
  const ladders = await Promise.all(
    others.map(async (other): Promise<FullLadder> => {
      const traded = await symbols.find(other.symbol as Position['symbol']);
      const [held, mark] = [quantity(other.quantity), price(other.markPrice)];
      return {
        direction: other.direction,
        quantity: held,
        averagePrice: mark,
        stopPrice: mark,
        worth: notional(held.times(mark)),
        stopLoss: notional(0),
        brackets: traded?.brackets ?? [],
      };
    }),
  );
  let unrealizedUsdt = new Decimal(0);
  for (const other of others) unrealizedUsdt = unrealizedUsdt.plus(other.unrealizedUsdt);
  return { ladders, unrealizedUsdt: notional(unrealizedUsdt) };
}
