import { Decimal } from '#pkg/base';
import {
  DIRECTIONS,
  isTerminalOrderStatus,
  type Account,
  type Direction,
  type Order,
  type Position,
} from '#pkg/domain';

import { dayOf, profitOf, type Ledger, type LedgerDay } from './ledger.ts';

/** Both sides, as decimal text in USDT. */
export type BySide = Readonly<Record<Direction, string>>;

/** The figures of one account; amounts are exact decimal text in USDT. */
export interface AccountFigures {
  readonly account: string;
  readonly walletUsdt: string | null;
  /** Worth of what is held, at the newest marks. */
  readonly exposure: BySide;
  /** Loss if every rung that stands filled and then every stop, without slippage and fees of the exit; zero or above. */
  readonly maxPain: BySide;
  /** Profit if every profit order that stands filled now, by break-even prices. */
  readonly whenAllProfitsFill: BySide;
  /** Positions that a figure could not count, for want of a price. */
  readonly uncounted: number;
  /** Null before the venue's ledger was read. */
  readonly profitToday: string | null;
  readonly profit30Days: string | null;
  /** The mean of the days of the ledger on which the wallet was looked at. */
  readonly profitPerDay: string | null;
  readonly ledgerAtMs: number | null;
  readonly days: readonly (LedgerDay & { readonly profit: string })[];
}

export interface FiguresFacts {
  readonly account: Account;
  readonly positions: readonly Position[];
  readonly orders: readonly Order[];
  /** By symbol. */
  readonly marks: ReadonlyMap<string, Decimal>;
  readonly ledger: Ledger | undefined;
  readonly nowMs: number;
}

/** Returns the figures: the one place where they are computed. Pure. */
export function computeFigures(facts: FiguresFacts): AccountFigures {
  const { account, positions, ledger, nowMs } = facts;
  const held = positions.filter(({ quantity }) => quantity !== undefined && !quantity.isZero());
  const counted = held.map((position) => ({ position, figures: positionFigures(position, facts) }));
  const sum = (name: keyof PositionFigures): BySide => {
    const total = (direction: Direction): string =>
      counted
        .filter(({ position }) => position.direction === direction)
        .reduce((all, { figures }) => all.plus(figures[name] ?? 0), new Decimal(0))
        .toFixed();
    const [long, short] = DIRECTIONS.map(total);
    return { long: long ?? '0', short: short ?? '0' };
  };
  const days = (ledger?.days ?? []).map((day) => ({ ...day, profit: profitOf(day).toFixed() }));
  const total = days.reduce((all, { profit }) => all.plus(profit), new Decimal(0));
  const lookedAt = days.filter(({ walletUsdt }) => walletUsdt !== undefined);
  const today = days.find(({ day }) => day === dayOf(nowMs));
  return {
    account: account.name,
    walletUsdt: account.balanceUsdt ?? null,
    exposure: sum('exposure'),
    maxPain: sum('maxPain'),
    whenAllProfitsFill: sum('whenProfitFills'),
    uncounted: counted.filter(({ figures }) => Object.values(figures).includes(undefined)).length,
    profitToday: ledger === undefined ? null : (today?.profit ?? '0'),
    profit30Days: ledger === undefined ? null : total.toFixed(),
    profitPerDay:
      lookedAt.length === 0
        ? null
        : lookedAt
            .reduce((all, { profit }) => all.plus(profit), new Decimal(0))
            .div(lookedAt.length)
            .toFixed(),
    ledgerAtMs: ledger?.readAtMs ?? null,
    days,
  };
}

interface PositionFigures {
  readonly exposure: Decimal | undefined;
  readonly maxPain: Decimal | undefined;
  readonly whenProfitFills: Decimal | undefined;
}

function positionFigures(
  position: Position,
  { orders, marks }: Pick<FiguresFacts, 'orders' | 'marks'>,
): PositionFigures {
  const { direction, breakEvenPrice, entryPrice, stopPrice, profitPrice } = position;
  const quantity = new Decimal(position.quantity ?? 0).abs();
  const mark = marks.get(position.symbol);
  const average = breakEvenPrice ?? entryPrice;
  /** What `size` bought at `from` gains when it is left at `to`. */
  const gain = (size: Decimal, from: Decimal, to: Decimal): Decimal =>
    size.mul(direction === 'long' ? to.minus(from) : from.minus(to));
  const rungs = orders.filter(
    (order) =>
      order.positionId === position.id &&
      order.purpose === 'rung' &&
      !isTerminalOrderStatus(order.status),
  );
  const whenStopped =
    average === undefined || stopPrice === undefined
      ? undefined
      : rungs.reduce(
          (all, { price, quantity: size, filledQuantity }) =>
            price === undefined || size === undefined
              ? all
              : all.plus(gain(size.minus(filledQuantity), price, stopPrice)),
          gain(quantity, average, stopPrice),
        );
  return {
    exposure: mark === undefined ? undefined : quantity.mul(mark),
    // A stop on the winning side is no loss.
    maxPain: whenStopped === undefined ? undefined : Decimal.max(0, whenStopped.neg()),
    whenProfitFills:
      average === undefined || profitPrice === undefined
        ? undefined
        : gain(quantity, average, profitPrice),
  };
}
