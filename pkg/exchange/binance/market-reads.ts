import type { BudgetLimit, WindowBudget } from '#pkg/budgets';
import {
  id,
  notional,
  price,
  type AccountId,
  type Candle,
  type LeverageBracket,
  type SymbolName,
  type Timeframe,
  type VenueSymbol,
} from '#pkg/domain';

import { ExchangeProtocolError } from '../errors.ts';
import type { Exchange, MarkPrice } from '../exchange.ts';
import type { Demand } from './demand.ts';
import { ENDPOINTS } from './endpoints.ts';
import {
  checkBrackets,
  checkExchangeInfo,
  checkKlines,
  checkMarkPrice,
  type BracketsAnswer,
} from './schemas.ts';
import { decodeSymbol } from './symbols.ts';

type MarketReads = Pick<
  Exchange,
  'readSymbols' | 'readLeverageBrackets' | 'readCandles' | 'readMarkPrice'
>;

/** Returns the reads of the port that concern no single account. */
export function createMarketReads(demand: Demand, budget: WindowBudget): MarketReads {
  return {
    readSymbols: (signal) => readSymbols(demand, budget, signal),
    readLeverageBrackets: (accountId, signal) => readLeverageBrackets(demand, accountId, signal),
    readCandles: (symbol, timeframe, limit, signal, untilMs) =>
      readCandles(demand, { symbol, timeframe, limit, untilMs }, signal),
    readMarkPrice: async (symbol, signal): Promise<MarkPrice> => {
      const answer = await demand({
        endpoint: ENDPOINTS.premiumIndex,
        parameters: { symbol },
        check: checkMarkPrice,
        signal,
      });
      return { symbol, price: price(answer.markPrice), atMs: answer.time };
    },
  };
}

/** Reads the perpetuals, and sets the budgets' limits to what the same answer says of them. */
async function readSymbols(
  demand: Demand,
  budget: WindowBudget,
  signal: AbortSignal,
): Promise<readonly VenueSymbol[]> {
  const answer = await demand({
    endpoint: ENDPOINTS.exchangeInfo,
    check: checkExchangeInfo,
    signal,
  });
  const limitsOf = (type: string): readonly BudgetLimit[] =>
    answer.rateLimits.flatMap(({ rateLimitType, interval, intervalNum, limit }) => {
      const intervalMs = INTERVAL_MS[interval];
      return rateLimitType === type && intervalMs !== undefined
        ? [{ windowMs: intervalNum * intervalMs, weightMax: limit }]
        : [];
    });
  const address = limitsOf('REQUEST_WEIGHT');
  const orders = limitsOf('ORDERS');
  if (address.length > 0) await budget.setLimits('binance', 'address', address);
  if (orders.length > 0) await budget.setLimits('binance', 'orders', orders);
  return answer.symbols
    .filter(({ contractType }) => contractType === 'PERPETUAL')
    .map((symbol) => decodeSymbol(symbol));
}

const INTERVAL_MS: Readonly<Record<string, number>> = {
  SECOND: 1_000,
  MINUTE: 60_000,
  HOUR: 3_600_000,
  DAY: 86_400_000,
};

async function readLeverageBrackets(
  demand: Demand,
  accountId: AccountId,
  signal: AbortSignal,
): Promise<ReadonlyMap<SymbolName, readonly LeverageBracket[]>> {
  const answer = await demand({
    endpoint: ENDPOINTS.leverageBracket,
    accountId,
    check: checkBrackets,
    signal,
  });
  return new Map(
    answer.map(({ symbol, brackets }) => [id<SymbolName>(symbol), brackets.map(decodeBracket)]),
  );
}

function decodeBracket(row: BracketsAnswer['brackets'][number]): LeverageBracket {
  return {
    bracket: row.bracket,
    leverageMax: row.initialLeverage,
    notionalFloor: notional(row.notionalFloor),
    notionalCap: notional(row.notionalCap),
    maintenanceMarginRatio: row.maintMarginRatio,
  };
}

async function readCandles(
  demand: Demand,
  request: {
    readonly symbol: SymbolName;
    readonly timeframe: Timeframe | '1m';
    readonly limit: number;
    readonly untilMs: number | undefined;
  },
  signal: AbortSignal,
): Promise<readonly Candle[]> {
  const rows = await demand({
    endpoint: ENDPOINTS.klines,
    parameters: {
      symbol: request.symbol,
      interval: request.timeframe,
      limit: request.limit,
      ...(request.untilMs === undefined ? {} : { endTime: request.untilMs }),
    },
    check: checkKlines,
    signal,
  });
  return rows.map((row) => {
    const [openAtMs, open, high, low, close, volume] = row.slice(0, 6).map(Number);
    const candle = { openAtMs, open, high, low, close, volume };
    for (const [field, value] of Object.entries(candle)) {
      if (value === undefined || !Number.isFinite(value)) {
        const endpoint = 'GET /fapi/v1/klines';
        throw new ExchangeProtocolError({
          endpoint,
          expected: `${field} of a candle to be a number`,
          fields: { endpoint, symbol: request.symbol },
        });
      }
    }
    return candle as Candle;
  });
}
