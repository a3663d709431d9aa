/** Base URLs of the venue, as its adapter and the streams want them. */
export interface VenueHosts {
  readonly restUrl: string;
  readonly publicStreamUrl: string;
  readonly marketStreamUrl: string;
  readonly privateStreamUrl: string;
}

/** Where the real venue says what a key may do (developers.binance.com, Wallet, "General Info"); not on its test network. */
export const BINANCE_WALLET_URL = 'https://api.binance.com';

/**
 * The documented hosts of Binance USD-M futures.
 *
 * Sources: developers.binance.com, USD-M futures, "General Info" and "Important WebSocket Change Notice" (one host,
 * three routed paths; the paths without a route ended on 2026-04-23). The test network keeps its REST host by the
 * venue's own connector (binance-connector-python, `constants.py`), and its routed stream paths are those of "General
 * Info" of the options pages.
 */
export const BINANCE_HOSTS = {
  live: {
    restUrl: 'https://fapi.binance.com',
    publicStreamUrl: 'wss://fstream.binance.com/public',
    marketStreamUrl: 'wss://fstream.binance.com/market',
    privateStreamUrl: 'wss://fstream.binance.com/private',
  },
  testnet: {
    restUrl: 'https://testnet.binancefuture.com',
    publicStreamUrl: 'wss://fstream.binancefuture.com/public',
    marketStreamUrl: 'wss://fstream.binancefuture.com/market',
    privateStreamUrl: 'wss://fstream.binancefuture.com/private',
  },
} as const satisfies Readonly<Record<string, VenueHosts>>;
