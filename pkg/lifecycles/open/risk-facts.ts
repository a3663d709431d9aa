/** What the risk questions need to know of an account at one moment. */
import { Decimal } from '#pkg/base';
import {
  notional,
  price,
  quantity,
  type Account,
  type Notional,
  type Position,
  type PositionId,
  type TradedSymbol,
} from '#pkg/domain';
import { fillLadder, gainOf, limitsOf, openLadder, type FullLadder } from '#pkg/risk';

import type { LifecycleDependencies } from '../dependencies.ts';
import { ORDER_SIGNING_WINDOW_MS } from '../send/send-order.ts';
import {
  accountBookOf,
  FLEET_BOOK,
  readBook,
  type ExposureBook,
  type ReservedEntry,
} from './exposure-book.ts';
import { requireAccount, requireSymbol } from './prepare-steps.ts';

/** Most that all accounts may be worth together, USDT; none unless it is set. */
export const FLEET_NOTIONAL_SETTING = 'fleet-notional-max-usdt';
/** The ladder of an open position does not change; only the venue's brackets may. */
const LADDER_AGE_MS_MAX = 600_000;
/** Rows are planned some time before they are sent: so many more than the limit are looked at. */
const ROWS_OF_OPENING = 20;
const RATE_WINDOW_MS = 1_000;

export interface RiskFacts {
  readonly account: Account;
  readonly symbol: TradedSymbol;
  readonly known: { readonly others: readonly FullLadder[]; readonly unrealizedUsdt: Notional };
  readonly fleet: { readonly worthUsdt: Notional; readonly worthMaxUsdt: Notional } | undefined;
  /** Orders that the account sent within the last second. */
  readonly sent: number;
  /** Of the account, and of the fleet where it has a limit. */
  readonly books: readonly ReadBook[];
}

/** A book, and the positions without a fill that were open after it was read. */
interface ReadBook {
  readonly book: ExposureBook;
  readonly pending: ReadonlySet<PositionId>;
}

export type RiskDependencies = Pick<
  LifecycleDependencies,
  'store' | 'prices' | 'clock' | 'exchange'
>;

/** Returns what reads all that the questions ask: the books first, so that what changes afterwards is found out. */
export function createRiskReader(
  dependencies: RiskDependencies,
): (position: Position) => Promise<RiskFacts> {
  const { store, prices } = dependencies;
  const ladderOf = rememberLadders(dependencies);
  const readOthers = async (position: Position, reserved: readonly ReservedEntry[]) => {
    const open = await store.positions.listOpen({ accountId: position.accountId });
    const others = open.filter((other) => other.id !== position.id);
    const [found, gains] = await Promise.all([
      Promise.all(
        others.map(
          async (other) => (await ladderOf(other)) ?? reservedLadder(store, other, reserved),
        ),
      ),
      Promise.all(
        others.map(async (other) => gainOf(other, (await prices.find(other.symbol))?.price)),
      ),
    ]);
    const known = {
      others: found.filter((ladder) => ladder !== undefined),
      unrealizedUsdt: gains.reduce((sum, gain) => sum.plus(gain), new Decimal(0)) as Notional,
    };
    return { known, pending: pendingOf(open) };
  };
  const readFleet = async (position: Position, max: string) => {
    const book = await readBook(store.settings, FLEET_BOOK);
    const open = await store.positions.listOpen();
    const worthUsdt = sumWorth(open, position, book.entries);
    return { book, pending: pendingOf(open), limit: { worthUsdt, worthMaxUsdt: notional(max) } };
  };
  return async (position) => {
    const [book, fleetMax] = await Promise.all([
      readBook(store.settings, accountBookOf(position.accountId)),
      store.settings.find(FLEET_NOTIONAL_SETTING),
    ]);
    const [account, symbol, { known, pending }, ofFleet] = await Promise.all([
      requireAccount(store, position),
      requireSymbol(store, position),
      readOthers(position, book.entries),
      fleetMax === undefined ? undefined : readFleet(position, fleetMax),
    ]);
    const sent = await countSent(dependencies, account);
    const books = [{ book, pending }, ...(ofFleet === undefined ? [] : [ofFleet])];
    return { account, symbol, known, fleet: ofFleet?.limit, sent, books };
  };
}

function pendingOf(open: readonly Position[]): ReadonlySet<PositionId> {
  return new Set(open.filter(({ entryPrice }) => entryPrice === undefined).map(({ id }) => id));
}

/** The ladder of an entry that was let go and has not filled yet. */
async function reservedLadder(
  store: RiskDependencies['store'],
  position: Position,
  reserved: readonly ReservedEntry[],
): Promise<FullLadder | undefined> {
  const entry = reserved.find(({ positionId }) => positionId === position.id);
  if (entry === undefined) return undefined;
  const { direction, settings } = position;
  return fillLadder(await requireSymbol(store, position), {
    direction,
    settings,
    entryPrice: price(entry.entryPrice),
    entryQuantity: quantity(entry.entryQuantity),
  });
}

/** Returns the full ladder of an open position, which is computed once. */
function rememberLadders({
  store,
  clock,
}: RiskDependencies): (position: Position) => Promise<FullLadder | undefined> {
  const ladders = new Map<PositionId, { readonly atMs: number; readonly ladder: FullLadder }>();
  return async (position) => {
    const nowMs = clock.monotonicMs();
    const known = ladders.get(position.id);
    if (known !== undefined && nowMs - known.atMs < LADDER_AGE_MS_MAX) return known.ladder;
    const ladder = openLadder(await requireSymbol(store, position), position);
    if (ladder !== undefined) ladders.set(position.id, { atMs: nowMs, ladder });
    for (const [key, { atMs }] of ladders) {
      if (nowMs - atMs < LADDER_AGE_MS_MAX) break;
      ladders.delete(key);
    }
    return ladder;
  };
}

/** Over all accounts a position counts with its margin × leverage from its entry on: that needs no row of its symbol. */
function sumWorth(
  open: readonly Position[],
  asked: Position,
  reserved: readonly ReservedEntry[],
): Notional {
  const isLetGo = ({ id, entryPrice }: Position): boolean =>
    entryPrice !== undefined || reserved.some(({ positionId }) => positionId === id);
  return open.reduce(
    (sum, position) =>
      position.marginUsdt === undefined ||
      position.leverage === undefined ||
      position.id === asked.id ||
      !isLetGo(position)
        ? sum
        : sum.plus(position.marginUsdt.times(position.leverage)),
    new Decimal(0),
  ) as Notional;
}

/** Counts the rows that were signed within the last second: exact for one worker, a little late for several. */
async function countSent(
  { store, clock, exchange }: RiskDependencies,
  account: Account,
): Promise<number> {
  const { ordersPerSecondMax } = limitsOf(account.settings);
  const newest = await store.orders.list({
    accountId: account.id,
    limit: ROWS_OF_OPENING + 2 * ordersPerSecondMax,
  });
  const venueNowMs = clock.nowMs() + exchange.clockOffsetMs();
  const sinceMs = venueNowMs + ORDER_SIGNING_WINDOW_MS - RATE_WINDOW_MS;
  return newest.filter(
    ({ purpose, signableUntilMs }) =>
      (purpose === 'entry' || purpose === 'rung') && (signableUntilMs ?? 0) > sinceMs,
  ).length;
}
