/** The rows that make up the venue's state. Plain JSON, decimals as strings, replaced as a whole when they change. */
import type { MarketSession } from '../market/market-clock.ts';
import type { PriceMove } from '../market/moves.ts';

export type Side = 'BUY' | 'SELL';
export type PositionSide = 'BOTH' | 'LONG' | 'SHORT';
export type TimeInForce = 'GTC' | 'IOC' | 'FOK' | 'GTX' | 'GTD';
/** Which side of a trade with oneself ends: the venue's self-trade prevention. */
export type SelfTradeMode = 'NONE' | 'EXPIRE_TAKER' | 'EXPIRE_MAKER' | 'EXPIRE_BOTH';
export type WireOrderStatus =
  | 'NEW'
  | 'PARTIALLY_FILLED'
  | 'FILLED'
  | 'CANCELED'
  | 'EXPIRED'
  | 'EXPIRED_IN_MATCH'
  | 'REJECTED';
export type AlgoType =
  | 'STOP'
  | 'STOP_MARKET'
  | 'TAKE_PROFIT'
  | 'TAKE_PROFIT_MARKET'
  | 'TRAILING_STOP_MARKET';
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
  readonly isMultiAsset: boolean;
  readonly isFeeBurn: boolean;
  readonly permissions: KeyPermissions;
}

/** What the owner of a key allowed it to do. */
export interface KeyPermissions {
  readonly reading: boolean;
  readonly futures: boolean;
  readonly withdrawals: boolean;
  /** A revoked key is refused like one that never was. */
  readonly isRevoked: boolean;
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
  /** Margin set apart for this position; 0 under cross margin. */
  readonly isolatedWallet: string;
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
  /** Place in the queue of its price: lower is earlier. An amendment goes to the end. */
  readonly rank: number;
  readonly selfTradeMode: SelfTradeMode;
  readonly priceMatch: string;
  /** When a GTD order ends by itself; 0 for the others. */
  readonly goodTillMs: number;
  readonly amendments: number;
  /** Set on what the venue sent by itself. */
  readonly autoClose: '' | 'LIQUIDATION' | 'ADL' | 'SETTLEMENT';
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface AmendmentRow {
  readonly amendmentId: number;
  readonly account: string;
  readonly symbol: string;
  readonly orderId: number;
  readonly clientOrderId: string;
  readonly priceBefore: string;
  readonly priceAfter: string;
  readonly quantityBefore: string;
  readonly quantityAfter: string;
  /** How many changes the order has had with this one. */
  readonly count: number;
  readonly modifyId: number | undefined;
  readonly atMs: number;
}

/** A dead man's switch: cancels the symbol's orders unless it is wound up again. */
export interface CountdownRow {
  readonly account: string;
  readonly symbol: string;
  readonly endsAtMs: number;
}

export interface MarginChangeRow {
  readonly account: string;
  readonly symbol: string;
  readonly positionSide: PositionSide;
  /** 1 adds, 2 reduces. */
  readonly type: 1 | 2;
  readonly amount: string;
  readonly atMs: number;
}

/** One movement of the insurance fund; the fund is what it began with and the sum of these. */
export interface FundRow {
  readonly id: number;
  /** Whose liquidation moved it. */
  readonly account: string;
  readonly symbol: string;
  /** A fee for clearing, what a wallet lacked, or a position taken over and given on to the market at the mark. */
  readonly kind: 'CLEARANCE' | 'COVER' | 'TAKEOVER';
  readonly amount: string;
  readonly atMs: number;
}

/** A symbol that no longer trades as it was listed. */
export interface ListingRow {
  readonly symbol: string;
  readonly status: 'TRADING' | 'CLOSE';
  /** The symbol whose price it goes on with, where it was listed under another name. */
  readonly renamedFrom?: string;
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
  readonly selfTradeMode: SelfTradeMode;
  readonly priceMatch: string;
  readonly goodTillMs: number;
  /** Trailing stops: the price that wakes it, the way back in percent, and the best price seen since. */
  readonly activatePrice: string;
  readonly callbackRate: string;
  readonly isActivated: boolean;
  readonly extreme: string;
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
  /** Trade of two customers: the other's order; undefined against the market. */
  readonly against: number | undefined;
  readonly atMs: number;
}

export interface IncomeRow {
  readonly tranId: number;
  readonly account: string;
  readonly symbol: string;
  readonly kind: 'TRANSFER' | 'REALIZED_PNL' | 'COMMISSION' | 'FUNDING_FEE' | 'INSURANCE_CLEAR';
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
  /** Where prices come from: `lively`, `regimes` or `replay`. */
  readonly market: string;
  readonly sessions: readonly MarketSession[];
  readonly lastOrderId: number;
  readonly lastAlgoId: number;
  readonly lastTradeId: number;
  readonly lastTranId: number;
  readonly lastListenKey: number;
  readonly lastRank: number;
  readonly lastAmendmentId: number;
  /** Last instant at which funding was settled. */
  readonly lastFundingMs: number;
  /** What the insurance fund holds, in USDT. */
  readonly insuranceFund: string;
  /** How far venue time was moved ahead of the machine's on order. */
  readonly aheadMs?: number;
  /** Price moves on order, for ever: old candles keep their shape. */
  readonly moves: readonly PriceMove[];
}
