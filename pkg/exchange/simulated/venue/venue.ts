/**
 * The venue as a pure state machine: commands and time in, answers and frames out.
 *
 * It reads no clock, no file and no socket. After each call the caller writes `takeChanges` down, then
 * sends the answer and the frames.
 */
import { Decimal, required } from '#pkg/base';
import { createMarket, type Market } from '../market/market.ts';
import type { PriceMove } from '../market/moves.ts';
import { marketName, openMarket, type MarketChoice } from '../market/market-choice.ts';
import type { ListedSymbol } from '../market/symbols.ts';
import { ACCOUNT_ENDPOINTS } from './endpoints/account.ts';
import { expireListenKeys } from './account-settings.ts';
import { addIncome } from './accounting.ts';
import { createDepth, type Depth } from './depth.ts';
import type { Endpoint } from './endpoints/endpoint.ts';
import { MARKET_ENDPOINTS } from './endpoints/market.ts';
import { settleFunding, FUNDING_MS } from './funding.ts';
import { watchMargins } from './liquidation.ts';
import { restingOrders } from './book.ts';
import { createQuoteBoard } from './market-quote.ts';
import { fillResting, isReached, mayBeReached } from './matching.ts';
import { ORDER_ENDPOINTS } from './endpoints/orders.ts';
import { expireOrders } from './orders.ts';
import type { Parameters } from './parameters.ts';
import type { AccountRow, KeyPermissions, MetaRow } from './rows.ts';
import type { Change, VenueState } from './state.ts';
import { mayMove, watchAlgo } from './triggers.ts';
import { runCountdowns } from './countdowns.ts';
import type { Quote, UserFrame, World } from './world.ts';

/** What the insurance fund begins with, in USDT. */
const INSURANCE_FUND = '1000000';
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
  readonly permissions?: Partial<KeyPermissions>;
}

/** What a key may do unless it is said otherwise. */
const ALLOWED: KeyPermissions = {
  reading: true,
  futures: true,
  withdrawals: false,
  isRevoked: false,
};

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
  /** Lets the price of now meet the waiting orders, and time do what it is due to do. */
  tick(nowMs: number): void;
  /** How deep the books are; set on order. */
  readonly depth: Depth;
  /** What a command works on at `nowMs`; for what the venue does by itself or on order. */
  worldAt(nowMs: number): World;
  /** Takes a key as if it had been there from the start. */
  register(account: VenueAccount, nowMs: number): void;
  /** Names of the listed symbols; grows when one is listed anew. */
  readonly symbols: readonly string[];
  /** Lists a symbol under another name, at the same price. */
  list(renamed: { readonly symbol: string; readonly to: string }): void;
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
    /** How many symbols are listed; those of a replay are given by it. */
    readonly symbolCount?: number;
    /** See `MarketOptions`. */
    readonly sampleMs?: number;
    /** `lively` when absent. */
    readonly market?: MarketChoice;
  },
  nowMs: number,
): Venue {
  const choice = options.market ?? 'lively';
  const { seed, sessions } = beginSession(state, { ...options, market: marketName(choice) }, nowMs);
  const { listed, source } = openMarket(choice, seed, options.symbolCount);
  const moves = (): readonly PriceMove[] => state.get('meta', 'all')?.moves ?? [];
  const market = createMarket(seed, sessions, {
    listed,
    moves,
    source,
    ...(options.sampleMs === undefined ? {} : { sampleMs: options.sampleMs }),
  });
  const symbols = new Map(listed.map((each) => [each.symbol, each]));
  const names = [...symbols.keys()];
  const depth = createDepth();
  const called = new Set<string>();
  let frames: UserFrame[] = [];
  const quoteAt = createQuoteBoard(market, symbols);

  const worldAt = (atMs: number): World => ({
    state,
    symbols,
    nowMs: atMs,
    market,
    depth,
    quote: (symbol) => quoteAt(symbol, atMs),
    emit: (frame) => frames.push(frame),
  });

  const list = createListing(state, { symbols, names, market });
  addAccounts(worldAt(nowMs), options.accounts);
  return {
    state,
    market,
    register: (account, atMs) => addAccounts(worldAt(atMs), [account]),
    call: (endpoint, parameters, account, atMs) => {
      const call = { world: worldAt(atMs), market, parameters };
      if (endpoint.security === 'public') return endpoint.run(call);
      if (account === undefined) throw new Error('A private endpoint needs an account.');
      return endpoint.run(call, account);
    },
    tick: (atMs) => {
      settleFundingUpTo(state, atMs, worldAt);
      advance(worldAt(atMs), called);
    },
    depth,
    worldAt,
    symbols: names,
    list,
    quote: quoteAt,
    takeFrames: () => {
      const taken = frames;
      frames = [];
      return taken;
    },
    takeChanges: () => state.takeChanges(),
  };
}

/** Returns what lists a symbol under another name; those of before are listed at once. */
function createListing(
  state: VenueState,
  at: {
    readonly symbols: Map<string, ListedSymbol>;
    readonly names: string[];
    readonly market: Market;
  },
): Venue['list'] {
  const list: Venue['list'] = ({ symbol, to }) => {
    const listed = required(at.symbols.get(symbol), 'A renamed symbol was listed.');
    at.symbols.set(to, { ...listed, symbol: to, baseAsset: to.replace(/USDT$/, '') });
    at.market.alias(to, symbol);
    at.names.push(to);
  };
  for (const { symbol, renamedFrom } of state.rows('listings')) {
    if (renamedFrom !== undefined) list({ symbol: renamedFrom, to: symbol });
  }
  return list;
}

/** What time and price are due to do. `called` holds the accounts that had their margin call. */
function advance(world: World, called: Set<string>): void {
  for (const symbol of world.state.symbolsAtWork()) matchSymbol(world, symbol);
  watchMargins(world, called);
  runCountdowns(world);
  expireListenKeys(world);
}

/** Every instant of funding that passed since the last tick, each at its own prices. */
function settleFundingUpTo(
  state: VenueState,
  nowMs: number,
  worldAt: (atMs: number) => World,
): void {
  for (;;) {
    const last = state.get('meta', 'all')?.lastFundingMs ?? nowMs;
    if (last + FUNDING_MS > nowMs) return;
    settleFunding(worldAt(last + FUNDING_MS));
  }
}

/** Most orders are far from the price, which plain numbers tell; the few others are looked at exactly. */
function matchSymbol(world: World, symbol: string): void {
  expireOrders(world, symbol);
  const { roughLast } = world.quote(symbol);
  for (const side of ['BUY', 'SELL'] as const) {
    const near = restingOrders(world, symbol, side, (order) => mayBeReached(order, roughLast));
    for (const order of near) {
      if (!isReached(world, order)) break;
      if (world.state.get('orders', order.orderId) === order) fillResting(world, order);
    }
  }
  for (const algo of world.state
    .openAlgosIn(symbol)
    .filter((each) => mayMove(world, each))
    .toArray()) {
    if (world.state.get('algos', algo.algoId) === algo) watchAlgo(world, algo);
  }
}

function beginSession(
  state: VenueState,
  options: { readonly seed: string; readonly resumeMarketMs: number; readonly market: string },
  nowMs: number,
): MetaRow {
  const known = state.get('meta', 'all');
  const before = known?.sessions ?? [];
  const last = before.at(-1);
  const marketMs = Math.max(options.resumeMarketMs, last === undefined ? 0 : last.marketMs);
  const row: MetaRow = {
    seed: known?.seed ?? options.seed,
    market: options.market,
    sessions: [...before, { realMs: nowMs, marketMs }],
    lastOrderId: known?.lastOrderId ?? FIRST_ORDER_ID,
    lastAlgoId: known?.lastAlgoId ?? FIRST_ALGO_ID,
    lastTradeId: known?.lastTradeId ?? 1000,
    lastTranId: known?.lastTranId ?? 1000,
    lastListenKey: known?.lastListenKey ?? 0,
    lastRank: known?.lastRank ?? 0,
    lastAmendmentId: known?.lastAmendmentId ?? 1000,
    // Funding is not settled for the time in which the venue was down.
    lastFundingMs: Math.floor(nowMs / FUNDING_MS) * FUNDING_MS,
    insuranceFund: known?.insuranceFund ?? INSURANCE_FUND,
    ...(known?.aheadMs === undefined ? {} : { aheadMs: known.aheadMs }),
    moves: known?.moves ?? [],
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
      addresses: given.addresses ?? known?.addresses ?? [],
      isMultiAsset: known?.isMultiAsset ?? false,
      isFeeBurn: known?.isFeeBurn ?? false,
      permissions: { ...ALLOWED, ...known?.permissions, ...given.permissions },
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
