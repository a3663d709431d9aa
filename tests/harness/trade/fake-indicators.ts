import type { PriceBoard } from '#pkg/market-data';
import { TIMEFRAME_MS, TIMEFRAMES, type Timeframe } from '#pkg/domain';
import type { Clock } from '#pkg/base';
import type { IndicatorQuery, IndicatorReading, Indicators } from '#pkg/indicators';

/** Where a symbol stands at the provider while no mark of it is known. */
const PRICE = 60_000;

const SILENT = { kind: 'unavailable', message: 'No candles.' } as const;

/** A provider whose every symbol rises, unless it is told otherwise. */
export interface FakeIndicators {
  readonly port: Indicators;
  chop: number;
  /** Answers so many more reads with a spent budget. */
  deferrals: number;
  /** `silent`: it has no candles of anything; `away`: it does not answer. */
  state: 'well' | 'silent' | 'away';
  /** From this timeframe on it is choppy. */
  unclearFrom: Timeframe | undefined;
  /** Timeframes asked for, in order. */
  readonly timeframes: string[];
}

/** Returns the provider; prices are the marks of `board` where it has them. */
export function createFakeIndicators(
  clock: Pick<Clock, 'nowMs'>,
  board?: Pick<PriceBoard, 'find'>,
): FakeIndicators {
  const isUnclear = ({ timeframe }: IndicatorQuery): boolean =>
    fake.unclearFrom !== undefined &&
    TIMEFRAMES.indexOf(timeframe) >= TIMEFRAMES.indexOf(fake.unclearFrom);
  const fake: FakeIndicators = {
    chop: 40,
    deferrals: 0,
    state: 'well',
    unclearFrom: undefined,
    timeframes: [],
    port: {
      calculationsMax: 20,
      read: async (queries) => {
        if (fake.deferrals > 0) {
          fake.deferrals -= 1;
          return { kind: 'deferred', retryAfterMs: 500, reason: 'ProviderBudgetSpent' };
        }
        if (fake.state === 'away') {
          return { kind: 'deferred', retryAfterMs: 5_000, reason: 'ProviderUnreachable' };
        }
        if (fake.state === 'silent') {
          const readings = queries.map((query) => ({ ...SILENT, query }));
          return { kind: 'answered', readings };
        }
        const [first] = queries;
        if (first !== undefined) fake.timeframes.push(first.timeframe);
        const readings = queries.map(async (query) => {
          const mark = await board?.find(query.symbol);
          return read(query, {
            chop: isUnclear(query) ? 70 : fake.chop,
            price: mark?.price.toNumber() ?? PRICE,
            nowMs: clock.nowMs(),
          });
        });
        return { kind: 'answered', readings: await Promise.all(readings) };
      },
      [Symbol.asyncDispose]: async () => undefined,
    },
  };
  return fake;
}

function read(
  query: IndicatorQuery,
  { chop, price, nowMs }: { readonly chop: number; readonly price: number; readonly nowMs: number },
): IndicatorReading {
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
    candleOpenAtMs: candleOf(query, nowMs),
  };
}

/** The candle that a reading of now is of: the open one for the comparison, else the last closed one. */
export function candleOf({ timeframe, indicator }: IndicatorQuery, nowMs: number): number {
  const lengthMs = TIMEFRAME_MS[timeframe];
  const openMs = Math.floor(nowMs / lengthMs) * lengthMs;
  return indicator === 'candle-comparison' ? openMs : openMs - lengthMs;
}
