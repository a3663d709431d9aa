/** What each of our indicators is at the provider: name and parameters (domain dossier, section 6). */
import type { SymbolName } from '#pkg/domain';

import type { IndicatorName, IndicatorQuery } from '../indicators.ts';

type Calculation = Readonly<{ indicator: string } & Record<string, string | number>>;

/**
 * `results: 2` gives the value before, too. Averages and chop are those of closed candles (`backtrack: 1`); the
 * comparison sets the live candle against the last closed one.
 */
const CALCULATIONS: Readonly<Record<IndicatorName, Calculation>> = {
  candle: { indicator: 'candle' },
  'candle-comparison': { indicator: 'candle', results: 2 },
  'ema-40': { indicator: 'ema', period: 40, results: 2, backtrack: 1 },
  'ema-80': { indicator: 'ema', period: 80, results: 2, backtrack: 1 },
  'ema-120': { indicator: 'ema', period: 120, results: 2, backtrack: 1 },
  chop: { indicator: 'chop', period: 14, backtrack: 1 },
  pivotpoints: { indicator: 'pivotpoints' },
};

const QUOTES = ['USDT', 'USDC'];

export interface Construct {
  readonly exchange: string;
  readonly symbol: string;
  readonly interval: string;
  readonly indicators: readonly Readonly<Record<string, unknown>>[];
}

/** Returns the constructs of one bulk request: queries of one symbol and timeframe share one. */
export function planConstructs(
  queries: readonly IndicatorQuery[],
  exchange: string,
): readonly Construct[] {
  const groups = Map.groupBy(
    queries.map((query, index) => ({ query, id: String(index) })),
    ({ query }) => `${query.symbol} ${query.timeframe}`,
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    return [
      {
        exchange,
        symbol: slashed(first.query.symbol),
        interval: first.query.timeframe,
        indicators: group.map(({ query, id }) => ({
          id,
          ...CALCULATIONS[query.indicator],
          addResultTimestamp: true,
        })),
      },
    ];
  });
}

/** `BTCUSDT` is `BTC/USDT` there. */
function slashed(symbol: SymbolName): string {
  const quote = QUOTES.find((each) => symbol.endsWith(each) && symbol.length > each.length);
  return quote === undefined ? symbol : `${symbol.slice(0, -quote.length)}/${quote}`;
}
