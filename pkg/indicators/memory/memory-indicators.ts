import { assert } from '#pkg/base';

import type { IndicatorQuery, IndicatorReading, Indicators } from '../indicators.ts';

/** What the memory provider says to one query; undefined is "unavailable". */
export type ReadingOf = (
  query: IndicatorQuery,
) => Omit<Extract<IndicatorReading, { readonly kind: 'read' }>, 'kind' | 'query'> | undefined;

/** Returns a provider that answers from a function; for tests and simulations. */
export function createMemoryIndicators(readingOf: ReadingOf, calculationsMax = 20): Indicators {
  return {
    calculationsMax,
    read: async (queries) => {
      assert(queries.length <= calculationsMax, 'One request carries only so many calculations.');
      const readings = queries.map((query): IndicatorReading => {
        const reading = readingOf(query);
        return reading === undefined
          ? { kind: 'unavailable', query, message: 'no candles for this symbol' }
          : { kind: 'read', query, ...reading };
      });
      return { kind: 'answered', readings };
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}
