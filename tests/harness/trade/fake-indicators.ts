import type { IndicatorQuery, IndicatorReading, Indicators } from '#pkg/indicators';

/** A provider whose every symbol rises, unless it is told otherwise. */
export interface FakeIndicators {
  readonly port: Indicators;
  chop: number;
  /** Answers so many more reads with a spent budget. */
  deferrals: number;
  /** Timeframes asked for, in order. */
  readonly timeframes: string[];
}

export function createFakeIndicators(): FakeIndicators {
  const fake: FakeIndicators = {
    chop: 40,
    deferrals: 0,
    timeframes: [],
    port: {
      calculationsMax: 20,
      read: async (queries) => {
        if (fake.deferrals > 0) {
          fake.deferrals -= 1;
          return { kind: 'deferred', retryAfterMs: 500, reason: 'ProviderBudgetSpent' };
        }
        const [first] = queries;
        if (first !== undefined) fake.timeframes.push(first.timeframe);
        return { kind: 'answered', readings: queries.map((query) => read(query, fake.chop)) };
      },
      [Symbol.asyncDispose]: async () => undefined,
    },
  };
  return fake;
}

function read(query: IndicatorQuery, chop: number): IndicatorReading {
  const values = {
    'candle-comparison': { close: [101, 100] },
    chop: { value: [chop] },
    pivotpoints: { r1: [110], s1: [90] },
  };
  const known = Object.entries(values).find(([name]) => name === query.indicator)?.[1];
  return {
    kind: 'read',
    query,
    values: known ?? { value: [2, 1] },
    candleOpenAtMs: undefined,
  };
}
