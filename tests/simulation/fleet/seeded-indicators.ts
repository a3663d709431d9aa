import { createSeededRandom } from '#pkg/base';
import type { IndicatorQuery, IndicatorReading, Indicators } from '#pkg/indicators';

import { candleOf } from '../../harness/trade/fake-indicators.ts';
import type { FleetWorld } from './fleet-world.ts';

const HOUR_MS = 3_600_000;
/** Of the symbols in an hour: no direction at all, and one that only the longer candles show. */
const SHARES = { unclear: 0.1, later: 0.1 };

/**
 * A provider whose readings follow from the seed, symbol, timeframe and hour.
 *
 * What a direction is worth is not judged here, only what follows from one: so half of the symbols rise, half fall.
 * Prices are the marks.
 */
export function createSeededIndicators({
  seed,
  clock,
  board,
}: Pick<FleetWorld, 'seed' | 'clock' | 'board'>): Indicators {
  return {
    calculationsMax: 20,
    read: async (queries) => {
      const marks = await board.readAll();
      const nowMs = clock.nowMs();
      return {
        kind: 'answered',
        readings: queries.map((query) =>
          read(query, {
            seed: `${seed}`,
            nowMs,
            price: marks.get(query.symbol)?.price.toNumber() ?? 1,
          }),
        ),
      };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function read(
  query: IndicatorQuery,
  { seed, nowMs, price }: { readonly seed: string; readonly nowMs: number; readonly price: number },
): IndicatorReading {
  const hour = Math.floor(nowMs / HOUR_MS);
  const random = createSeededRandom(`${seed}/${query.symbol}/${hour}`);
  const isRising = random.next() < 0.5;
  const clarity = random.next();
  const isUnclear =
    clarity < SHARES.unclear ||
    (clarity < SHARES.unclear + SHARES.later && query.timeframe === '1h');
  const pair = isRising ? [price, price * 0.99] : [price, price * 1.01];
  const values: Readonly<Record<string, readonly number[]>> =
    query.indicator === 'chop'
      ? { value: [isUnclear ? 70 : 40] }
      : query.indicator === 'pivotpoints'
        ? { r1: [price * 1.1], s1: [price * 0.9] }
        : query.indicator === 'candle-comparison'
          ? { close: pair }
          : { value: pair };
  return { kind: 'read', query, values, candleOpenAtMs: candleOf(query, nowMs) };
}
