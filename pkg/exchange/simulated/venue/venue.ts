/**
 * The venue as a pure state machine: commands and time in, answers and frames out.
 *
 * It reads no clock, no file and no socket. After each call the caller writes `takeChanges` down, then
 * sends the answer and the frames.
 */
import { Decimal } from '#pkg/base';
import { createMarket, type Market } from '../market/market.ts';
import { LISTED_SYMBOLS, type ListedSymbol } from '../market/symbols.ts';
import { ACCOUNT_ENDPOINTS } from './account-endpoints.ts';
import { expireListenKeys } from './account-settings.ts';
import { addIncome } from './accounting.ts';
import { isTriggered, triggerAlgo } from './algo-orders.ts';
import type { Endpoint } from './endpoint.ts';
import { MARKET_ENDPOINTS } from './market-endpoints.ts';
import { crosses, fillOrder } from './matching.ts';
import { ORDER_ENDPOINTS } from './order-endpoints.ts';
import type { Parameters } from './parameters.ts';
import type { AccountRow, MetaRow } from './rows.ts';
import type { Change, VenueState } from './state.ts';
import type { Quote, UserFrame, World } from './world.ts';

/** Half the distance between bid and ask, as a part of the price. */
const HALF_SPREAD = 0.0001;
const FIRST_ORDER_ID = 8_389_765_000_000;
const FIRST_ALGO_ID = 2_146_760_000_000;

export const ENDPOINTS: readonly Endpoint[] = [
  ...MARKET_ENDPOINTS,
  ...ORDER_ENDPOINTS,
  ...ACCOUNT_ENDPOINTS,
];

export interface VenueAccount {
  readonly key: string;
  readonly secret: string;
  /** First deposit in USDT, as a decimal string. */
  readonly balance: string;
  /** Source addresses that may use the key; any when empty or absent. */
  readonly addresses?: readonly string[];
}

export interface Venue {
  readonly state: VenueState;
  readonly market: Market;
  /** Runs one endpoint; throws VenueRejection before anything changed. */
  call(
    endpoint: Endpoint,
    parameters: Parameters,
    account: AccountRow | undefined,
    nowMs: number,
  ): unknown;
  /** Lets the price of now meet the waiting orders, and time its stream keys. */
  tick(nowMs: number): void;
  /** Names of the listed symbols. */
  readonly symbols: readonly string[];
  quote(symbol: string, nowMs: number): Quote;
  takeFrames(): readonly UserFrame[];
  takeChanges(): readonly Change[];
}

/** Starts a venue on `state`: empty, or as the journal left it. A new session of the market begins at `nowMs`. */
export function createVenue(
  state: VenueState,
  options: {
    readonly seed: string;
    readonly accounts: readonly VenueAccount[];
    /** Market time at which the last run stopped. */
    readonly resumeMarketMs: number;
  },
  nowMs: number,
): Venue {
  const { seed, sessions } = beginSession(state, options, nowMs);
  const market = createMarket(seed, sessions);
  const symbols = new Map(LISTED_SYMBOLS.map((listed) => [listed.symbol, listed]));
  let frames: UserFrame[] = [];
  let quotes = new Map<string, Quote>();
  let quotedAtMs = -1;

  function quoteAt(symbol: string, atMs: number): Quote {
    if (atMs !== quotedAtMs) {
      quotes = new Map();
      quotedAtMs = atMs;
    }
    let quote = quotes.get(symbol);
    if (quote === undefined) {
      quote = quoteOf(symbols, market, symbol, atMs);
      quotes.set(symbol, quote);
    }
    return quote;
  }

  const worldAt = (atMs: number): World => ({
    state,
    symbols,
    nowMs: atMs,
    quote: (symbol) => quoteAt(symbol, atMs),
    emit: (frame) => frames.push(frame),
  });

  addAccounts(worldAt(nowMs), options.accounts);
  return {
    state,
    market,
    call: (endpoint, parameters, account, atMs) => {
      const call = { world: worldAt(atMs), market, parameters };
      if (endpoint.security === 'public') return endpoint.run(call);
      if (account === undefined) throw new Error('A private endpoint needs an account.');
      return endpoint.run(call, account);
    },
    tick: (atMs) => {
      const world = worldAt(atMs);
      for (const symbol of symbols.keys()) matchSymbol(world, symbol);
      expireListenKeys(world);
    },
    symbols: [...symbols.keys()],
    quote: quoteAt,
    takeFrames: () => {
      const taken = frames;
      frames = [];
      return taken;
    },
    takeChanges: () => state.takeChanges(),
  };
}

function matchSymbol(world: World, symbol: string): void {
  for (const order of world.state.openOrdersIn(symbol).toArray()) {
    const current = world.state.get('orders', order.orderId);
    if (current !== order || !crosses(world, order)) continue;
    fillOrder(world, order, { price: new Decimal(order.price), isMaker: true });
  }
  for (const algo of world.state.openAlgosIn(symbol).toArray()) {
    const current = world.state.get('algos', algo.algoId);
    if (current === algo && isTriggered(world, algo)) triggerAlgo(world, algo);
  }
}

function quoteOf(
  symbols: ReadonlyMap<string, ListedSymbol>,
  market: Market,
  symbol: string,
  atMs: number,
): Quote {
  const price = market.priceAt(symbol, atMs);
  const tick = new Decimal(symbols.get(symbol)?.tickSize ?? 1);
  const half = Decimal.max(tick.div(2), price * HALF_SPREAD);
  const bid = new Decimal(price).minus(half).div(tick).floor().times(tick);
  const ask = new Decimal(price).plus(half).div(tick).ceil().times(tick);
  return { mark: new Decimal(price.toFixed(8)), bid, ask };
}

function beginSession(
  state: VenueState,
  options: { readonly seed: string; readonly resumeMarketMs: number },
  nowMs: number,
): MetaRow {
  const known = state.get('meta', 'all');
  const before = known?.sessions ?? [];
  const last = before.at(-1);
  const marketMs = Math.max(options.resumeMarketMs, last === undefined ? 0 : last.marketMs);
  const row: MetaRow = {
    seed: known?.seed ?? options.seed,
    sessions: [...before, { realMs: nowMs, marketMs }],
    lastOrderId: known?.lastOrderId ?? FIRST_ORDER_ID,
    lastAlgoId: known?.lastAlgoId ?? FIRST_ALGO_ID,
    lastTradeId: known?.lastTradeId ?? 1000,
    lastTranId: known?.lastTranId ?? 1000,
    lastListenKey: known?.lastListenKey ?? 0,
  };
  state.put('meta', 'all', row);
  return row;
}

/** New keys get their first deposit; known ones keep their money and take the secret that was given now. */
function addAccounts(world: World, accounts: readonly VenueAccount[]): void {
  for (const given of accounts) {
    const known = world.state.get('accounts', given.key);
    const row: AccountRow = {
      key: given.key,
      secret: given.secret,
      isHedge: known?.isHedge ?? false,
      wallet: known?.wallet ?? new Decimal(given.balance).toFixed(),
      addresses: given.addresses ?? [],
    };
    world.state.put('accounts', given.key, row);
    if (known !== undefined) continue;
    addIncome(world, {
      account: given.key,
      symbol: '',
      kind: 'TRANSFER',
      amount: row.wallet,
      tradeId: '',
    });
  }
}
