/** What the risk questions need to know, and what follows from their answer for an order that opens. */
import { Decimal } from '#pkg/base';
import {
  notional,
  type Account,
  type Notional,
  type Position,
  type PositionId,
  type Price,
  type Quantity,
  type TradedSymbol,
} from '#pkg/domain';
import { fillLadder, gainOf, judgeLadder, limitsOf, openLadder, type FullLadder } from '#pkg/risk';
import type { StepOutcome } from '#pkg/steps';

import type { LifecycleDependencies } from '../dependencies.ts';
import { ORDER_SIGNING_WINDOW_MS } from '../send/send-order.ts';
import { deferUntil } from '../trade-step.ts';
import { requireAccount, requireSymbol } from './prepare-steps.ts';

/** Most that all accounts may be worth together, USDT; none unless it is set. */
export const FLEET_NOTIONAL_SETTING = 'fleet-notional-max-usdt';
/** The ladder of an open position does not change; only the venue's brackets may. */
const LADDER_AGE_MS_MAX = 600_000;
/** How old the sum over all accounts may be. */
const FLEET_AGE_MS_MAX = 2_000;
/** Rows are planned some time before they are sent: so many more than the limit are looked at. */
const ROWS_OF_OPENING = 20;
const RATE_WINDOW_MS = 1_000;
const RATE_RETRY_MS = 200;
/** No longer than it takes to ask about all rungs of a fill, and shorter than a retry. */
const READING_AGE_MS_MAX = 100;

/** The entry as it stands (or, before the fill, as it is planned at the mark). */
export interface LadderEntry {
  readonly entryPrice: Price;
  readonly entryQuantity: Quantity;
}

/** Waits a moment, or ends the opening with the reason and its figures. */
export type RiskRefusal = Extract<StepOutcome<never>, { readonly kind: 'deferred' | 'stopped' }>;

export interface PreTradeRisk {
  /** Asked last, before an entry or a rung that was not sent yet; undefined when it may go. */
  refuse(position: Position, entry: LadderEntry): Promise<RiskRefusal | undefined>;
}

interface RiskFacts {
  readonly account: Account;
  readonly symbol: TradedSymbol;
  readonly known: { readonly others: readonly FullLadder[]; readonly unrealizedUsdt: Notional };
  readonly fleetMax: string | undefined;
  /** Orders that the account sent within the last second. */
  readonly sent: number;
}

interface Reading {
  readonly atMs: number;
  readonly facts: Promise<RiskFacts>;
  /** Orders that were let go by it. */
  passed: number;
}

type Dependencies = Pick<LifecycleDependencies, 'store' | 'prices' | 'clock' | 'exchange'>;

export function createPreTradeRisk(dependencies: Dependencies): PreTradeRisk {
  const { store, prices, clock } = dependencies;
  let fleet: { readonly atMs: number; readonly worthUsdt: Promise<Notional> } | undefined;

  const ladderOf = rememberLadders(dependencies);
  const readFleet = async (): Promise<Notional> => {
    const nowMs = clock.monotonicMs();
    if (fleet === undefined || nowMs - fleet.atMs > FLEET_AGE_MS_MAX) {
      fleet = { atMs: nowMs, worthUsdt: store.positions.listOpen().then(sumWorth) };
    }
    return fleet.worthUsdt;
  };
  const readOthers = async (position: Position) => {
    const open = await store.positions.listOpen({ accountId: position.accountId });
    const others = open.filter((other) => other.id !== position.id);
    const [found, gains] = await Promise.all([
      Promise.all(others.map(ladderOf)),
      Promise.all(
        others.map(async (other) => gainOf(other, (await prices.find(other.symbol))?.price)),
      ),
    ]);
    return {
      others: found.filter((ladder) => ladder !== undefined),
      unrealizedUsdt: gains.reduce((sum, gain) => sum.plus(gain), new Decimal(0)) as Notional,
    };
  };
  const read = async (position: Position): Promise<RiskFacts> => {
    const [account, symbol, known, fleetMax] = await Promise.all([
      requireAccount(store, position),
      requireSymbol(store, position),
      readOthers(position),
      store.settings.find(FLEET_NOTIONAL_SETTING),
    ]);
    const sent = await countSent(dependencies, account);
    return { account, symbol, known, fleetMax, sent };
  };
  const readingOf = shareReadings(clock, read);
  return {
    refuse: async (position, entry) => {
      const reading = readingOf(position);
      const { account, symbol, known, fleetMax, sent } = await reading.facts;
      if (sent + reading.passed >= limitsOf(account.settings).ordersPerSecondMax) {
        return deferUntil(clock.nowMs() + RATE_RETRY_MS, 'OrderRateLimit');
      }
      const { direction, settings } = position;
      const ladder = fillLadder(symbol, { direction, settings, ...entry });
      // What the venue would not take as a ladder is refused by its own question.
      if (ladder === undefined) return undefined;
      const decision = judgeLadder({
        walletUsdt: notional(account.balanceUsdt ?? 0),
        limits: limitsOf(account.settings),
        ladder,
        ...known,
        ...(fleetMax === undefined
          ? {}
          : { fleet: { worthUsdt: await readFleet(), worthMaxUsdt: notional(fleetMax) } }),
      });
      if (decision.kind === 'refused') {
        return { kind: 'stopped', reason: decision.reason, message: decision.message };
      }
      reading.passed += 1;
      return undefined;
    },
  };
}

/** Returns the full ladder of an open position, which is computed once. */
function rememberLadders({
  store,
  clock,
}: Dependencies): (position: Position) => Promise<FullLadder | undefined> {
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

/** Returns `read` shared by what is asked at once: one reading answers all rungs of a fill. */
function shareReadings(
  clock: Dependencies['clock'],
  read: (position: Position) => Promise<RiskFacts>,
): (position: Position) => Reading {
  const readings = new Map<PositionId, Reading>();
  return (position) => {
    const nowMs = clock.monotonicMs();
    const standing = readings.get(position.id);
    if (standing !== undefined && nowMs - standing.atMs < READING_AGE_MS_MAX) return standing;
    const reading: Reading = { atMs: nowMs, facts: read(position), passed: 0 };
    for (const [key, { atMs }] of readings) {
      if (nowMs - atMs >= READING_AGE_MS_MAX) readings.delete(key);
    }
    readings.set(position.id, reading);
    reading.facts.catch(() => {
      if (readings.get(position.id) === reading) readings.delete(position.id);
    });
    return reading;
  };
}

/** Over all accounts a position counts with its margin × leverage: that needs no row of its symbol. */
function sumWorth(open: readonly Position[]): Notional {
  return open.reduce(
    (sum, { marginUsdt, leverage, entryPrice }) =>
      marginUsdt === undefined || leverage === undefined || entryPrice === undefined
        ? sum
        : sum.plus(marginUsdt.times(leverage)),
    new Decimal(0),
  ) as Notional;
}

/** Counts the rows that were signed within the last second: exact for one worker, a little late for several. */
async function countSent(
  { store, clock, exchange }: Dependencies,
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
