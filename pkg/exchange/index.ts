/**
 * exchange: the port to a trading venue, its adapter for Binance USD-M, and the simulated venue.
 *
 * Above this module nobody reads a venue code, a header or a JSON field. It is not where decisions are
 * made: it sends what it is told and reports what happened, a lost reply included.
 */
export {
  ExchangeAccountRefusedError,
  ExchangeProtocolError,
  ExchangeRejectedError,
  ExchangeThrottledError,
  ExchangeUnreachableError,
  type RejectionReason,
} from './errors.ts';
export {
  ORDER_RECV_WINDOW_MS,
  VENUE_CLOCK_BOUND_MS,
  type Cancellation,
  type Exchange,
  type KeyReport,
  type MarkPrice,
  type MarkTick,
  type OrderChange,
  type OrderIntent,
  type OrderReference,
  type Placement,
  type SendFence,
  type SigningPurpose,
  type VenueBalance,
  type ForcedCause,
  type ForcedOrder,
  type VenueIncome,
  type VenueOrder,
  type VenuePosition,
  type VenueTrade,
} from './exchange.ts';
export {
  BINANCE_HOSTS,
  BINANCE_WALLET_URL,
  createBinanceExchange,
  decodeMarkTicks,
  decodeUserFrame,
  type BinanceExchangeDependencies,
  type BinanceExchangeOptions,
  type Credentials,
  type VenueHosts,
} from './binance/index.ts';
export type { UserEvent } from './user-event.ts';
