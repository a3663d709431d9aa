/**
 * binance: the adapter for Binance USD-M futures: a thin signed HTTP client and the decoders of its streams.
 *
 * One pool of sockets for each (local address, host). Each physical request is reserved in the budgets before
 * it leaves and settled by the headers of its answer. What comes in is checked by a schema before anything
 * uses it. Codes, weights and fields of the venue stay in this folder; nothing is repeated here but a request
 * whose time stamp was refused. Not a place for decisions: it holds no order, no position and no price.
 */
export {
  createBinanceExchange,
  type BinanceExchangeDependencies,
  type BinanceExchangeOptions,
} from './binance-exchange.ts';
export type { Credentials } from './caller.ts';
export { BINANCE_HOSTS, BINANCE_WALLET_URL, type VenueHosts } from './hosts.ts';
export { decodeUserFrame } from './frames.ts';
export { decodeMarkTicks } from './mark-ticks.ts';
