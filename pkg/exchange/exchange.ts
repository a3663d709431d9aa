/**
 * What the fleet needs from a venue, and nothing a venue happens to offer.
 *
 * Adapters: `binance/` speaks the wire protocol of USD-M futures; the simulated venue (`simulated/`) speaks
 * that same protocol from the other side, so that the adapter cannot tell. Every call is metered before it
 * leaves; a spent budget is an `ExchangeThrottledError` and nothing was sent.
 *
 * Reads throw ExchangeThrottledError, ExchangeUnreachableError, ExchangeProtocolError or
 * ExchangeAccountRefusedError. Mutations of orders never throw for a lost reply: see {@link Placement}.
 */
import type { Reason } from '#pkg/base';
import type {
  AccountId,
  Candle,
  ClientOrderId,
  Direction,
  LeverageBracket,
  Notional,
  OrderSide,
  OrderStatus,
  Price,
  Quantity,
  SymbolName,
  Timeframe,
  VenueOrderId,
  VenueSymbol,
} from '#pkg/domain';
import type { RejectionReason } from './errors.ts';

export interface Exchange extends AsyncDisposable {
  /** Address that its requests leave from, as the venue sees it. */
  readonly address: string;
  /** Venue time minus local wall clock, ms, measured; refreshed when older than a few minutes. */
  readClockOffsetMs(signal: AbortSignal): Promise<number>;
  /** The same from the newest measurement, at once; 0 before the first. */
  clockOffsetMs(): number;
  readSymbols(signal: AbortSignal): Promise<readonly VenueSymbol[]>;
  readLeverageBrackets(
    accountId: AccountId,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<SymbolName, readonly LeverageBracket[]>>;
  /** Candles, oldest first; the last one opens at `untilMs` at the latest, or may still be open. `limit` at most 1500. */
  readCandles(
    symbol: SymbolName,
    timeframe: Timeframe | '1m',
    limit: number,
    signal: AbortSignal,
    untilMs?: number,
  ): Promise<readonly Candle[]>;
  readMarkPrice(symbol: SymbolName, signal: AbortSignal): Promise<MarkPrice>;

  readBalance(accountId: AccountId, signal: AbortSignal): Promise<VenueBalance>;
  /** Positions with a quantity; all symbols unless one is named. */
  readPositions(
    accountId: AccountId,
    options: { readonly symbol?: SymbolName },
    signal: AbortSignal,
  ): Promise<readonly VenuePosition[]>;
  /** Working orders, plain and conditional alike; all symbols (weight 80) unless one is named (weight 2). */
  readOpenOrders(
    accountId: AccountId,
    options: { readonly symbol?: SymbolName },
    signal: AbortSignal,
  ): Promise<readonly VenueOrder[]>;
  readTrades(
    accountId: AccountId,
    options: { readonly symbol: SymbolName; readonly sinceMs: number },
    signal: AbortSignal,
  ): Promise<readonly VenueTrade[]>;
  /** Income entries (realized profit, fees, funding, transfers), oldest first. Weight 30. */
  readIncome(
    accountId: AccountId,
    options: { readonly symbol?: SymbolName; readonly sinceMs: number },
    signal: AbortSignal,
  ): Promise<readonly VenueIncome[]>;
  /** Orders by which the venue itself ended positions of a symbol since then. Weight 20. */
  readForcedOrders(
    accountId: AccountId,
    options: { readonly symbol: SymbolName; readonly sinceMs: number },
    signal: AbortSignal,
  ): Promise<readonly ForcedOrder[]>;

  /**
   * Makes sure that the account's key may trade futures and may not withdraw; asked again after some minutes. Throws
   * ExchangeAccountRefusedError with what to change. Where the venue does not say (its test network), passes.
   */
  verifyKey(accountId: AccountId, signal: AbortSignal): Promise<void>;
  /** The same asked now, with a signed read of the account, and told instead of thrown. Weight 1 + 5. */
  readKey(accountId: AccountId, signal: AbortSignal): Promise<KeyReport>;
  /** Idempotent: already so is success. */
  ensureHedgeMode(accountId: AccountId, signal: AbortSignal): Promise<void>;
  ensureCrossMargin(accountId: AccountId, symbol: SymbolName, signal: AbortSignal): Promise<void>;
  setLeverage(
    accountId: AccountId,
    symbol: SymbolName,
    leverage: number,
    signal: AbortSignal,
  ): Promise<void>;

  /**
   * Places one order under `intent.clientOrderId`, signed no later than `fence.signableUntilMs`.
   *
   * The venue keeps ids unique among *open* orders only, so an id is no shield by itself: after `unknown`,
   * callers look the order up and wait as ARCHITECTURE.md ("Fencing an order") says before sending again.
   */
  placeOrder(
    accountId: AccountId,
    intent: OrderIntent,
    fence: SendFence,
    signal: AbortSignal,
  ): Promise<Placement>;
  /** Looks an order up by our id, conditional orders included. Never throws for "no such order". */
  findOrder(
    accountId: AccountId,
    reference: OrderReference,
    signal: AbortSignal,
  ): Promise<VenueOrder | undefined>;
  cancelOrder(
    accountId: AccountId,
    reference: OrderReference,
    signal: AbortSignal,
  ): Promise<Cancellation>;
  /** Changes price and quantity of a working limit order; it goes to the back of its queue. */
  modifyOrder(
    accountId: AccountId,
    change: OrderChange,
    fence: SendFence,
    signal: AbortSignal,
  ): Promise<Placement>;

  /** Mints or returns the account's stream key, valid for 60 minutes. */
  openUserStream(accountId: AccountId, signal: AbortSignal): Promise<string>;
  /** Extends it; throws ExchangeRejectedError (OrderNotFound) when the key is gone and must be minted anew. */
  extendUserStream(accountId: AccountId, signal: AbortSignal): Promise<void>;
}

/** What the venue says of a key that was used from one address. */
export type KeyReport =
  | {
      readonly kind: 'usable';
      /** Whether the venue takes the key from listed addresses only; undefined where it does not say. */
      readonly isBoundToAddresses: boolean | undefined;
      /** What the account of the key holds, so that a key of another account is told apart. */
      readonly pairs: readonly Pick<VenuePosition, 'symbol' | 'direction'>[];
    }
  | {
      readonly kind: 'refused';
      readonly reason: Reason;
      readonly message: string;
    };

/**
 * What a signature is for: `open` may add exposure, `protect` guards, cancels or closes, `check` tries a key, `look` is
 * all else.
 */
export type SigningPurpose = 'open' | 'protect' | 'check' | 'look';

/** Venue time that a signature may carry at most; the adapter refuses to sign later (outcome `not-sent`). */
export interface SendFence {
  readonly signableUntilMs: number;
  /** Asked on the monotonic clock just before signing: does this run still own its step? */
  isOwned(): boolean;
}

/** recvWindow of every order mutation, ms: a request that the venue receives later is refused. */
export const ORDER_RECV_WINDOW_MS = 1_500;
/** How far our estimate of venue time may be off, ms. */
export const VENUE_CLOCK_BOUND_MS = 500;

export type OrderIntent =
  | (OrderIntentBase & {
      readonly kind: 'market';
      readonly quantity: Quantity;
      readonly isClosing: boolean;
    })
  | (OrderIntentBase & {
      readonly kind: 'limit';
      readonly quantity: Quantity;
      readonly price: Price;
      readonly isClosing: boolean;
    })
  /** Conditional STOP_MARKET that closes whatever is held, triggered by the mark price. */
  | (OrderIntentBase & { readonly kind: 'stop'; readonly triggerPrice: Price });

interface OrderIntentBase {
  readonly clientOrderId: ClientOrderId;
  readonly symbol: SymbolName;
  readonly side: OrderSide;
  readonly direction: Direction;
}

export interface OrderReference {
  readonly symbol: SymbolName;
  readonly clientOrderId: ClientOrderId;
  /** Conditional orders live in a list of their own at the venue. */
  readonly isConditional: boolean;
}

export interface OrderChange {
  readonly symbol: SymbolName;
  readonly clientOrderId: ClientOrderId;
  readonly side: OrderSide;
  readonly price: Price;
  readonly quantity: Quantity;
}

/**
 * The outcome of a mutation whose reply can be lost.
 *
 * `unknown` means that the venue may or may not hold the order. It is a value so that the compiler makes
 * every caller say what it does. `not-sent` means that nothing left this process: the fence passed, the lease
 * was lost, or no connection came about.
 */
export type Placement =
  | { readonly kind: 'accepted'; readonly order: VenueOrder }
  | {
      readonly kind: 'rejected';
      readonly reason: RejectionReason;
      readonly venueCode: string;
      readonly message: string;
    }
  | { readonly kind: 'unknown'; readonly cause: Error }
  | { readonly kind: 'not-sent'; readonly why: 'FencePassed' | 'LeaseLost' | 'NotConnected' };

export type Cancellation =
  | { readonly kind: 'canceled' | 'already-gone' }
  | { readonly kind: 'unknown'; readonly cause: Error };

export interface VenueOrder {
  readonly venueOrderId: VenueOrderId;
  readonly clientOrderId: ClientOrderId;
  readonly symbol: SymbolName;
  readonly side: OrderSide;
  readonly direction: Direction;
  readonly isConditional: boolean;
  readonly status: Exclude<OrderStatus, 'planned' | 'unknown'>;
  readonly price: Price | undefined;
  readonly quantity: Quantity;
  readonly filledQuantity: Quantity;
  /**
   * Never zero. Undefined until something filled, and in every answer to a placement: the venue says the
   * price of a fill only when asked (`findOrder`) and on the stream.
   */
  readonly averagePrice: Price | undefined;
  readonly updatedAtMs: number;
}

export interface VenuePosition {
  readonly symbol: SymbolName;
  readonly direction: Direction;
  readonly quantity: Quantity;
  readonly entryPrice: Price;
  readonly breakEvenPrice: Price;
  readonly markPrice: Price;
  readonly liquidationPrice: Price | undefined;
  readonly unrealizedPnl: Notional;
}

export interface VenueBalance {
  readonly walletUsdt: Notional;
  readonly availableUsdt: Notional;
}

export interface VenueTrade {
  readonly tradeId: string;
  readonly venueOrderId: VenueOrderId;
  readonly symbol: SymbolName;
  readonly direction: Direction;
  readonly side: OrderSide;
  readonly price: Price;
  readonly quantity: Quantity;
  readonly realizedPnl: Notional;
  /** Positive is a cost. */
  readonly fee: Notional;
  readonly atMs: number;
}

/** Why the venue closed a position itself: its margin was spent, another's loss was shared out, its symbol ended. */
export type ForcedCause = 'liquidation' | 'deleveraging' | 'settlement';

export interface ForcedOrder {
  readonly venueOrderId: VenueOrderId;
  readonly cause: ForcedCause;
}

export interface VenueIncome {
  readonly kind: string;
  readonly symbol: SymbolName | undefined;
  readonly amount: Notional;
  readonly atMs: number;
  readonly tradeId: string | undefined;
}

/** A mark price as it comes over the stream: its digits, checked and above zero, and not yet a number. */
export interface MarkTick {
  readonly symbol: SymbolName;
  readonly mark: string;
  readonly atMs: number;
}

export interface MarkPrice {
  readonly symbol: SymbolName;
  readonly price: Price;
  readonly atMs: number;
}
