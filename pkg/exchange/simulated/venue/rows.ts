/** The rows that make up the venue's state. Plain JSON, decimals as strings, replaced as a whole when they change. */
import type { MarketSession } from '../market/market-clock.ts';

export type Side = 'BUY' | 'SELL';
export type PositionSide = 'BOTH' | 'LONG' | 'SHORT';
export type TimeInForce = 'GTC' | 'IOC' | 'FOK' | 'GTX';
export type WireOrderStatus =
  | 'NEW'
  | 'PARTIALLY_FILLED'
  | 'FILLED'
  | 'CANCELED'
  | 'EXPIRED'
  | 'REJECTED';
export type AlgoType = 'STOP' | 'STOP_MARKET' | 'TAKE_PROFIT' | 'TAKE_PROFIT_MARKET';
export type AlgoStatus =
  | 'NEW'
  | 'TRIGGERING'
  | 'TRIGGERED'
  | 'FINISHED'
  | 'CANCELED'
  | 'EXPIRED'
  | 'REJECTED';

export interface AccountRow {
  readonly key: string;
  readonly secret: string;
  readonly isHedge: boolean;
  readonly wallet: string;
  /** Source addresses that the key may be used from; empty is any. */
  readonly addresses: readonly string[];
}

export interface SymbolSettingRow {
  readonly account: string;
  readonly symbol: string;
  readonly leverage: number;
  readonly isIsolated: boolean;
}

export interface PositionRow {
  readonly account: string;
  readonly symbol: string;
  readonly side: PositionSide;
  /** Signed: negative is short. */
  readonly amount: string;
  readonly entryPrice: string;
  /** Since it was last flat. */
  readonly fees: string;
  readonly realized: string;
  readonly openedAtMs: number;
  readonly updatedAtMs: number;
  /** Set while it has quantity and no working closing stop. */
  readonly unprotectedSinceMs: number | undefined;
  readonly rungsFilled: number;
}

export interface OrderRow {
  readonly orderId: number;
  readonly account: string;
  readonly symbol: string;
  readonly clientOrderId: string;
  readonly side: Side;
  readonly positionSide: PositionSide;
  readonly type: 'LIMIT' | 'MARKET';
  /** Type that was asked for: a conditional type where an algo order made this one. */
  readonly origType: string;
  readonly timeInForce: TimeInForce;
  readonly price: string;
  readonly quantity: string;
  readonly executed: string;
  /** Quote currency traded so far. */
  readonly quote: string;
  readonly status: WireOrderStatus;
  readonly reduceOnly: boolean;
  readonly closePosition: boolean;
  readonly algoId: number | undefined;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface AlgoRow {
  readonly algoId: number;
  readonly account: string;
  readonly symbol: string;
  readonly clientAlgoId: string;
  readonly side: Side;
  readonly positionSide: PositionSide;
  readonly type: AlgoType;
  readonly timeInForce: TimeInForce;
  readonly quantity: string;
  readonly price: string;
  readonly triggerPrice: string;
  readonly workingType: 'MARK_PRICE' | 'CONTRACT_PRICE';
  readonly priceProtect: boolean;
  readonly reduceOnly: boolean;
  readonly closePosition: boolean;
  readonly status: AlgoStatus;
  readonly actualOrderId: number | undefined;
  readonly rejectReason: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly triggeredAtMs: number;
}

export interface TradeRow {
  readonly tradeId: number;
  readonly orderId: number;
  readonly account: string;
  readonly symbol: string;
  readonly side: Side;
  readonly positionSide: PositionSide;
  readonly price: string;
  readonly quantity: string;
  readonly quote: string;
  readonly fee: string;
  readonly realized: string;
  readonly isMaker: boolean;
  readonly atMs: number;
}

export interface IncomeRow {
  readonly tranId: number;
  readonly account: string;
  readonly symbol: string;
  readonly kind: 'TRANSFER' | 'REALIZED_PNL' | 'COMMISSION' | 'FUNDING_FEE';
  readonly amount: string;
  readonly tradeId: string;
  readonly atMs: number;
}

export interface ListenKeyRow {
  readonly listenKey: string;
  readonly account: string;
  readonly expiresAtMs: number;
}

/** What the venue itself counts about its customers; the figures of the summary. */
export interface StatisticsRow {
  readonly requestsByAddress: Readonly<Record<string, number>>;
  readonly requestsByEndpoint: Readonly<Record<string, number>>;
  readonly status429: number;
  readonly status418: number;
  readonly duplicateClientOrderIds: number;
  readonly ordersAccepted: number;
  readonly positionsOpened: number;
  readonly positionsClosed: number;
  readonly closedInProfit: number;
  readonly rungsFilled: number;
  readonly reaveraged: number;
  readonly unprotectedMsMax: number;
}

export interface MetaRow {
  readonly seed: string;
  readonly sessions: readonly MarketSession[];
  readonly lastOrderId: number;
  readonly lastAlgoId: number;
  readonly lastTradeId: number;
  readonly lastTranId: number;
  readonly lastListenKey: number;
}
