/** What a command works on: the state, the instant, prices at that instant, and the frames it makes. */
import { Decimal, required } from '#pkg/base';
import type { Market } from '../market/market.ts';
import type { ListedSymbol } from '../market/symbols.ts';
import type { Depth } from './depth.ts';
import { VenueRejection } from './rejection.ts';
import type { AccountRow, ListingRow, MetaRow, SymbolSettingRow } from './rows.ts';
import type { VenueState } from './state.ts';

/** One message for the user stream of an account. */
export interface UserFrame {
  readonly account: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface Quote {
  /** Mark and last price, not rounded: to look where something may happen, never to book. */
  readonly roughMark: number;
  readonly roughLast: number;
  readonly mark: Decimal;
  /** Mean of other venues, as the venue sees it; the mark price strays from it by the premium. */
  readonly index: Decimal;
  /** Last price of the contract, CONTRACT_PRICE to conditional orders. */
  readonly last: Decimal;
  readonly bid: Decimal;
  readonly ask: Decimal;
}

export interface World {
  readonly state: VenueState;
  readonly symbols: ReadonlyMap<string, ListedSymbol>;
  /** Venue time of the command in progress. */
  readonly nowMs: number;
  readonly market: Market;
  readonly depth: Depth;
  quote(symbol: string): Quote;
  emit(frame: UserFrame): void;
}

const LEVERAGE_DEFAULT = 20;

export function meta(world: Pick<World, 'state'>): MetaRow {
  return required(world.state.get('meta', 'all'), 'The venue has begun.');
}

type Counter =
  | 'lastOrderId'
  | 'lastAlgoId'
  | 'lastTranId'
  | 'lastListenKey'
  | 'lastRank'
  | 'lastAmendmentId';

/** Returns the next number of a sequence. */
export function nextNumber(world: World, counter: Counter): number {
  const row = meta(world);
  const next = row[counter] + 1;
  world.state.put('meta', 'all', { ...row, [counter]: next });
  return next;
}

/** Trade ids that one second of the tape can hold; the market's own trade of a second has the first. */
export const TRADE_IDS_PER_SECOND = 1_000;

/** Returns the id of a customer's trade: later than every id of earlier seconds, never one of the market's own. */
export function nextTradeId(world: World): number {
  const row = meta(world);
  const first = Math.floor(world.nowMs / 1000) * TRADE_IDS_PER_SECOND;
  const next = Math.max(row.lastTradeId, first) + 1;
  const lastTradeId = next % TRADE_IDS_PER_SECOND === 0 ? next + 1 : next;
  world.state.put('meta', 'all', { ...row, lastTradeId });
  return lastTradeId;
}

export function accountOf(world: World, key: string): AccountRow {
  return required(world.state.get('accounts', key), 'The account of a checked key exists.');
}

/** Returns the listed symbol, or throws -1121. */
export function listedSymbol(world: World, symbol: string): ListedSymbol {
  const listed = world.symbols.get(symbol);
  if (listed === undefined) throw new VenueRejection('-1121');
  return listed;
}

/** Returns how a symbol is listed now. */
export function listingOf(world: Pick<World, 'state'>, symbol: string): ListingRow {
  return world.state.get('listings', symbol) ?? { symbol, status: 'TRADING' };
}

/** Returns the name under which a symbol was first listed. */
export function originOf(world: Pick<World, 'state'>, symbol: string): string {
  const { renamedFrom } = listingOf(world, symbol);
  return renamedFrom === undefined ? symbol : originOf(world, renamedFrom);
}

/** Returns a symbol that still takes orders; throws -1121 for an unknown one and -4141 for a closed one. */
export function tradableSymbol(world: World, symbol: string): ListedSymbol {
  const listed = listedSymbol(world, symbol);
  if (listingOf(world, symbol).status === 'CLOSE') throw new VenueRejection('-4141');
  return listed;
}

export function settingOf(world: World, account: string, symbol: string): SymbolSettingRow {
  return (
    world.state.get('settings', `${account}|${symbol}`) ?? {
      account,
      symbol,
      leverage: LEVERAGE_DEFAULT,
      isIsolated: false,
    }
  );
}

/** Returns the plain notation of a decimal with at most `places` places, without trailing zeros. */
export function plain(value: Decimal, places = 8): string {
  return new Decimal(value.toFixed(places, Decimal.ROUND_HALF_UP)).toFixed();
}
