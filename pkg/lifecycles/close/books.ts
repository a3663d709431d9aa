import { Decimal } from '#pkg/base';
import {
  notional,
  type Notional,
  type Order,
  type Position,
  type PositionCloseReason,
  type Price,
} from '#pkg/domain';
import type { VenueTrade } from '#pkg/exchange';
import type { StepContext } from '#pkg/steps';

import type { LifecycleDependencies } from '../dependencies.ts';

const HOUR_MS = 3_600_000;
/** Trades are asked for from a little before the entry: the venue's clock stamped both. */
const TRADES_MARGIN_MS = 5_000;

/** What a position came to, from the venue's own trades. */
export interface ClosingBooks {
  readonly closePrice: Price | undefined;
  /** Realized profit minus fees, plus funding. */
  readonly realizedPnl: Notional;
  /** False while the venue's list of trades lags behind its fills. */
  readonly isBalanced: boolean;
}

/** Reads the closing data of a flat position. */
export async function readClosingBooks(
  { exchange, clock }: Pick<LifecycleDependencies, 'exchange' | 'clock'>,
  context: StepContext,
  position: Position,
  orders: readonly Order[],
): Promise<ClosingBooks> {
  const { accountId, symbol, direction } = position;
  const entry = orders.find((order) => order.purpose === 'entry');
  const openedAtMs = position.openedAtMs ?? entry?.venueUpdatedAtMs ?? position.createdAtMs;
  const sinceMs = openedAtMs - TRADES_MARGIN_MS;
  const all = await exchange.readTrades(accountId, { symbol, sinceMs }, context.signal);
  const trades = ownTrades(
    all.filter((trade) => trade.direction === direction),
    entry,
  );
  const funding = await readFunding({ exchange, clock }, context, position, openedAtMs);
  return sumTrades(trades, orders, funding);
}

/** From the first trade of our entry on: an earlier position in the same pair is not ours to count. */
function ownTrades(trades: readonly VenueTrade[], entry: Order | undefined): readonly VenueTrade[] {
  const sorted = trades.toSorted((a, b) => a.atMs - b.atMs);
  const first = sorted.findIndex((trade) => trade.venueOrderId === entry?.venueOrderId);
  return first < 0 ? [] : sorted.slice(first);
}

/** Returns the books that `trades` and `funding` add up to. Pure. */
export function sumTrades(
  trades: readonly VenueTrade[],
  orders: readonly Order[],
  funding: Notional,
): ClosingBooks {
  const entrySides = new Set(
    orders.filter((order) => order.purpose === 'entry').map((order) => order.side),
  );
  let entered = new Decimal(0);
  let exited = new Decimal(0);
  let exitedWorth = new Decimal(0);
  let result = new Decimal(funding);
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

/** Funding is booked on the hour at the earliest, so a position that saw none is not asked about (30 weight). */
async function readFunding(
  { exchange, clock }: Pick<LifecycleDependencies, 'exchange' | 'clock'>,
  context: StepContext,
  position: Position,
  openedAtMs: number,
): Promise<Notional> {
  const isSameHour = Math.floor(openedAtMs / HOUR_MS) === Math.floor(clock.nowMs() / HOUR_MS);
  if (isSameHour) return notional(0);
  const { accountId, symbol } = position;
  const income = await exchange.readIncome(
    accountId,
    { symbol, sinceMs: openedAtMs },
    context.signal,
  );
  return notional(
    income
      .filter((entry) => entry.kind === 'FUNDING_FEE' && entry.symbol === symbol)
      .reduce((sum, entry) => sum.plus(entry.amount), new Decimal(0)),
  );
}

/** Returns why a flat position ended. */
export function closeReasonOf(position: Position, orders: readonly Order[]): PositionCloseReason {
  if (position.status === 'canceling') return 'OpeningFailed';
  const isFilled = (purpose: Order['purpose']): boolean =>
    orders.some((order) => order.purpose === purpose && order.status === 'filled');
  if (isFilled('stop')) return 'StopFilled';
  if (isFilled('profit')) return 'ProfitFilled';
  return isFilled('close') ? 'ClosedByFleet' : 'ClosedAtVenue';
}
