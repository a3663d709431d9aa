import { id, notional, type AccountId, type SymbolName } from '#pkg/domain';

import { ExchangeProtocolError } from '../errors.ts';
import {
  VENUE_CLOCK_BOUND_MS,
  type Exchange,
  type VenueBalance,
  type VenueIncome,
  type VenueOrder,
  type VenueTrade,
} from '../exchange.ts';
import {
  decodeAlgoOrder,
  decodeOrder,
  decodePosition,
  decodeTrade,
  venueOrderId,
} from './decode.ts';
import type { Demand } from './demand.ts';
import { ENDPOINTS } from './endpoints.ts';
import { findForcedCause } from './forced.ts';
import {
  checkAlgoOrders,
  checkBalances,
  checkIncome,
  checkOrders,
  checkPositions,
  checkTrades,
  type IncomeAnswer,
} from './schemas.ts';
import type { VenueClock } from './venue-clock.ts';

type AccountReads = Pick<
  Exchange,
  | 'readBalance'
  | 'readPositions'
  | 'readOpenOrders'
  | 'readTrades'
  | 'readForcedOrders'
  | 'readIncome'
>;

const PAGE_ROWS = 1_000;
const PAGES_MAX = 100;
/** The most that one answer of forceOrders holds. */
const FORCED_ROWS = 100;
/** The venue refuses a longer span between startTime and endTime of userTrades. */
const TRADES_SPAN_MS = 7 * 86_400_000;

/** Returns the reads of the port that concern one account. */
export function createAccountReads(demand: Demand, venueClock: VenueClock): AccountReads {
  return {
    readBalance: (accountId, signal) => readBalance(demand, accountId, signal),
    readPositions: async (accountId, { symbol }, signal) => {
      const rows = await demand({
        endpoint: ENDPOINTS.positionRisk,
        accountId,
        parameters: { symbol },
        check: checkPositions,
        signal,
      });
      return rows.map(decodePosition).filter((position) => !position.quantity.isZero());
    },
    readOpenOrders: (accountId, { symbol }, signal) =>
      readOpenOrders(demand, accountId, symbol, signal),
    readTrades: (accountId, options, signal) =>
      readTrades(
        demand,
        // Our estimate of venue time may be behind: a trade of just now must not fall out.
        { accountId, ...options, untilMs: venueClock.nowMs() + VENUE_CLOCK_BOUND_MS },
        signal,
      ),
    readForcedOrders: async (accountId, { symbol, sinceMs }, signal) => {
      const rows = await demand({
        endpoint: ENDPOINTS.forceOrders,
        accountId,
        parameters: { symbol, startTime: Math.floor(sinceMs), limit: FORCED_ROWS },
        check: checkOrders,
        signal,
      });
      return rows.flatMap((row) => {
        const cause = findForcedCause(row.clientOrderId);
        return cause === undefined ? [] : [{ venueOrderId: venueOrderId(row.orderId), cause }];
      });
    },
    readIncome: (accountId, options, signal) =>
      readIncome(demand, { accountId, ...options }, signal),
  };
}

async function readBalance(
  demand: Demand,
  accountId: AccountId,
  signal: AbortSignal,
): Promise<VenueBalance> {
  const rows = await demand({
    endpoint: ENDPOINTS.balance,
    accountId,
    check: checkBalances,
    signal,
  });
  const row = rows.find(({ asset }) => asset === 'USDT');
  if (row === undefined) {
    const endpoint = 'GET /fapi/v3/balance';
    throw new ExchangeProtocolError({ endpoint, expected: 'a row for USDT', fields: { endpoint } });
  }
  return { walletUsdt: notional(row.balance), availableUsdt: notional(row.availableBalance) };
}

/** Plain and conditional orders stand in two lists that do not know of each other. */
async function readOpenOrders(
  demand: Demand,
  accountId: AccountId,
  symbol: SymbolName | undefined,
  signal: AbortSignal,
): Promise<readonly VenueOrder[]> {
  const parameters = { symbol };
  const [plain, conditional] = await Promise.all([
    demand({ endpoint: ENDPOINTS.openOrders, accountId, parameters, check: checkOrders, signal }),
    demand({
      endpoint: ENDPOINTS.openAlgoOrders,
      accountId,
      parameters,
      check: checkAlgoOrders,
      signal,
    }),
  ]);
  return [
    ...plain.map((order) => decodeOrder(order, 'GET /fapi/v1/openOrders')),
    ...conditional.map((order) => decodeAlgoOrder(order, undefined, 'GET /fapi/v1/openAlgoOrders')),
  ];
}

interface TradesRequest {
  readonly accountId: AccountId;
  readonly symbol: SymbolName;
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** Walks spans of seven days; a full page is carried on by trade id, which knows no span. */
async function readTrades(
  demand: Demand,
  { accountId, symbol, sinceMs, untilMs }: TradesRequest,
  signal: AbortSignal,
): Promise<readonly VenueTrade[]> {
  const trades: VenueTrade[] = [];
  let startTime = sinceMs;
  let fromId: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const endTime = Math.min(startTime + TRADES_SPAN_MS, Math.ceil(untilMs));
    const rows = await demand({
      endpoint: ENDPOINTS.userTrades,
      accountId,
      parameters:
        fromId === undefined
          ? { symbol, startTime, endTime, limit: PAGE_ROWS }
          : { symbol, fromId, limit: PAGE_ROWS },
      check: checkTrades,
      signal,
    });
    trades.push(...rows.map(decodeTrade));
    const last = rows.at(-1);
    if (rows.length === PAGE_ROWS && last !== undefined) fromId = String(BigInt(last.id) + 1n);
    else if (fromId !== undefined || endTime >= untilMs) return trades;
    else startTime = endTime + 1;
  }
  return trades;
}

interface IncomeRequest {
  readonly accountId: AccountId;
  readonly symbol?: SymbolName;
  readonly sinceMs: number;
}

/** Pages by time; rows of a page's last millisecond are read twice and counted once. */
async function readIncome(
  demand: Demand,
  { accountId, symbol, sinceMs }: IncomeRequest,
  signal: AbortSignal,
): Promise<readonly VenueIncome[]> {
  const entries = new Map<string, VenueIncome>();
  let startTime = sinceMs;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const rows = await demand({
      endpoint: ENDPOINTS.income,
      accountId,
      parameters: { symbol, startTime, limit: PAGE_ROWS },
      check: checkIncome,
      signal,
    });
    for (const row of rows) entries.set(incomeKey(row), decodeIncome(row));
    const last = rows.at(-1);
    if (rows.length < PAGE_ROWS || last === undefined) break;
    startTime = Math.max(last.time, startTime + 1);
  }
  return [...entries.values()];
}

function incomeKey(row: IncomeAnswer): string {
  return `${row.incomeType}:${row.tranId}:${row.tradeId ?? ''}:${row.symbol ?? ''}:${row.time}`;
}

function decodeIncome(row: IncomeAnswer): VenueIncome {
  const tradeId = row.tradeId === undefined || row.tradeId === '' ? undefined : String(row.tradeId);
  return {
    kind: row.incomeType,
    symbol: row.symbol === undefined || row.symbol === '' ? undefined : id(row.symbol),
    amount: notional(row.income),
    atMs: row.time,
    tradeId,
  };
}
