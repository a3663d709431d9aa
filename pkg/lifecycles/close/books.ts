import { Decimal } from '#pkg/base';
import {
  notional,
  type Notional,
  type Order,
  type Position,
  type PositionCloseReason,
  type Price,
} from '#pkg/domain';
import { VENUE_CLOCK_BOUND_MS, type ForcedCause, type VenueTrade } from '#pkg/exchange';
import type { StepContext } from '#pkg/steps';

import type { LifecycleDependencies } from '../dependencies.ts';

const HOUR_MS = 3_600_000;
/** Funding of the full hour may be booked this much later (blogs.density.exchange/funding-rate says one minute). */
const FUNDING_SPREAD_MS = 60_000;
/** Trades are asked for from a little before the entry: the venue's clock stamped both. */
const TRADES_MARGIN_MS = 5_000;

/** What a position came to, from the venue's own trades and ledger. */
export interface ClosingBooks {
  readonly closePrice: Price | undefined;
  /** Realized profit minus fees, plus whatever else the venue booked on the symbol meanwhile: funding, its insurance. */
  readonly realizedPnl: Notional;
  /** False while the venue's list of trades lags behind its fills. */
  readonly isBalanced: boolean;
  /** The venue ended the position by itself. */
  readonly forced: ForcedCause | undefined;
}

type BooksDependencies = Pick<LifecycleDependencies, 'exchange' | 'clock'>;

/** Reads the closing data of a flat position. */
export async function readClosingBooks(
  dependencies: BooksDependencies,
  context: StepContext,
  position: Position,
  orders: readonly Order[],
): Promise<ClosingBooks> {
  const { accountId, symbol, direction } = position;
  const entry = orders.find((order) => order.purpose === 'entry');
  const openedAtMs = position.openedAtMs ?? entry?.venueUpdatedAtMs ?? position.createdAtMs;
  const sinceMs = openedAtMs - TRADES_MARGIN_MS;
  const all = await dependencies.exchange.readTrades(
    accountId,
    { symbol, sinceMs },
    context.signal,
  );
  const trades = ownTrades(
    all.filter((trade) => trade.direction === direction),
    entry,
  );
  const forced = await findForced(dependencies, context, position, { trades, orders });
  const span = { fromMs: openedAtMs, isForced: forced !== undefined };
  const beside = await readBeside(dependencies, context, position, span);
  return { ...sumTrades(trades, orders, beside), forced };
}

/** From the first trade of our entry on: an earlier position in the same pair is not ours to count. */
function ownTrades(trades: readonly VenueTrade[], entry: Order | undefined): readonly VenueTrade[] {
  const sorted = trades.toSorted((a, b) => a.atMs - b.atMs);
  const first = sorted.findIndex((trade) => trade.venueOrderId === entry?.venueOrderId);
  return first < 0 ? [] : sorted.slice(first);
}

/** Returns the books that `trades` and what was booked `beside` them add up to. Pure. */
export function sumTrades(
  trades: readonly VenueTrade[],
  orders: readonly Order[],
  beside: Notional,
): Omit<ClosingBooks, 'forced'> {
  const entrySides = new Set(
    orders.filter((order) => order.purpose === 'entry').map((order) => order.side),
  );
  let entered = new Decimal(0);
  let exited = new Decimal(0);
  let exitedWorth = new Decimal(0);
  let result = new Decimal(beside);
  for (const trade of trades) {
    result = result.plus(trade.realizedPnl).minus(trade.fee);
    if (entrySides.has(trade.side)) entered = entered.plus(trade.quantity);
    else {
      exited = exited.plus(trade.quantity);
      exitedWorth = exitedWorth.plus(trade.quantity.times(trade.price));
    }
  }
  return {
    closePrice: exited.isZero() ? undefined : (exitedWorth.div(exited) as Price),
    realizedPnl: notional(result),
    isBalanced: exited.gt(0) && exited.eq(entered),
  };
}

/**
 * Whether the venue closed it, asked only when a trade belongs to none of our orders (20 weight). A stop's fill has an
 * order of its own at the venue, so a filled stop explains such a trade.
 */
async function findForced(
  { exchange }: BooksDependencies,
  context: StepContext,
  { accountId, symbol }: Position,
  facts: { readonly trades: readonly VenueTrade[]; readonly orders: readonly Order[] },
): Promise<ForcedCause | undefined> {
  const { trades, orders } = facts;
  const own = new Set(orders.map((order) => order.venueOrderId));
  const isStopped = orders.some(({ purpose, status }) => purpose === 'stop' && status === 'filled');
  const foreign = trades.filter((trade) => !own.has(trade.venueOrderId));
  const [first] = foreign;
  if (first === undefined || isStopped) return undefined;
  const sinceMs = first.atMs - TRADES_MARGIN_MS;
  const found = await exchange.readForcedOrders(accountId, { symbol, sinceMs }, context.signal);
  const ids = new Set(foreign.map((trade) => trade.venueOrderId));
  return found.find((order) => ids.has(order.venueOrderId))?.cause;
}

/** Kinds of the ledger that belong to a position and that its trades do not tell; deposits and rebates are none. */
const BESIDE_TRADES: ReadonlySet<string> = new Set(['FUNDING_FEE', 'INSURANCE_CLEAR']);

/**
 * What the venue booked beside the trades. Funding comes on the hour at the earliest and the insurance only after a forced
 * close, so a position that saw neither is not asked about (30 weight).
 */
async function readBeside(
  { exchange, clock }: BooksDependencies,
  context: StepContext,
  { accountId, symbol }: Position,
  { fromMs, isForced }: { readonly fromMs: number; readonly isForced: boolean },
): Promise<Notional> {
  // By a clock that is behind the venue's, the hour of a funding may not have come yet.
  const untilMs = clock.nowMs() + VENUE_CLOCK_BOUND_MS;
  const isSameHour =
    Math.floor((fromMs - FUNDING_SPREAD_MS) / HOUR_MS) === Math.floor(untilMs / HOUR_MS);
  if (isSameHour && !isForced) return notional(0);
  const incomes = await exchange.readIncome(accountId, { symbol, sinceMs: fromMs }, context.signal);
  return notional(
    incomes
      .filter((entry) => entry.symbol === symbol && BESIDE_TRADES.has(entry.kind))
      .reduce((sum, entry) => sum.plus(entry.amount), new Decimal(0)),
  );
}

const FORCED_REASONS: Readonly<Record<ForcedCause, PositionCloseReason>> = {
  liquidation: 'Liquidated',
  deleveraging: 'Deleveraged',
  settlement: 'Settled',
};

/** Returns why a flat position ended: what the venue did by itself comes before what we did about the rest. */
export function closeReasonOf(
  position: Position,
  orders: readonly Order[],
  forced: ForcedCause | undefined,
): PositionCloseReason {
  if (forced !== undefined) return FORCED_REASONS[forced];
  if (position.status === 'canceling') return 'OpeningFailed';
  const isFilled = (purpose: Order['purpose']): boolean =>
    orders.some((order) => order.purpose === purpose && order.status === 'filled');
  if (isFilled('stop')) return 'StopFilled';
  if (isFilled('profit')) return 'ProfitFilled';
  return isFilled('close') ? 'ClosedByFleet' : 'ClosedAtVenue';
}
