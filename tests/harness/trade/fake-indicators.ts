import type { PriceBoard } from '#pkg/market-data';
import type { IndicatorQuery, IndicatorReading, Indicators } from '#pkg/indicators';

/** Where a symbol stands at the provider while no mark of it is known. */
const PRICE = 60_000;

/** A provider whose every symbol rises, unless it is told otherwise. */
export interface FakeIndicators {
  readonly port: Indicators;
  chop: number;
  /** Answers so many more reads with a spent budget. */
  deferrals: number;
  /** Timeframes asked for, in order. */
  readonly timeframes: string[];
}

/** Returns the provider; prices are the marks of `board` where it has them. */
export function createFakeIndicators(board?: Pick<PriceBoard, 'find'>): FakeIndicators {
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
        const readings = queries.map(async (query) => {
          const mark = await board?.find(query.symbol);
          return read(query, fake.chop, mark?.price.toNumber() ?? PRICE);
        });
        return { kind: 'answered', readings: await Promise.all(readings) };
      },
      [Symbol.asyncDispose]: async () => undefined,
    },
  };
  return fake;
}

function read(query: IndicatorQuery, chop: number, price: number): IndicatorReading {
  const values = {
    'candle-comparison': { close: [price, price * 0.99] },
    chop: { value: [chop] },
    pivotpoints: { r1: [price * 1.1], s1: [price * 0.9] },
  };
  const known = Object.entries(values).find(([name]) => name === query.indicator)?.[1];
  return {
    kind: 'read',
    query,
    values: known ?? { value: [2, 1] },
    candleOpenAtMs: undefined,
  };
}
