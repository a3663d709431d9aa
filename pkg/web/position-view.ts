import type { Direction, Order, Position, Price } from '#pkg/domain';
import type { MarkPrice } from '#pkg/exchange';
import { isMarkStale } from '#pkg/market-data';
import { planCorridor, type Corridor } from './corridor.ts';
import type { WebDependencies } from './dependencies.ts';
import { viewReason, type ReasonView } from './reason-view.ts';

export interface PositionView {
  readonly id: string;
  readonly account: string;
  readonly symbol: string;
  readonly direction: Direction;
  readonly slot: number;
  readonly status: string;
  readonly leverage: number | null;
  readonly quantity: string | null;
  readonly entryPrice: string | null;
  readonly markPrice: string | null;
  /** Mark price less break-even (or entry), times quantity; before fees. */
  readonly unrealizedUsdt: string | null;
  readonly stopPrice: string | null;
  readonly nextRungPrice: string | null;
  readonly profitPrice: string | null;
  readonly rungsFilled: number;
  readonly rungs: number;
  readonly wapCount: number;
  readonly ageMs: number;
  /** A working stop order stands at the venue. */
  readonly hasStop: boolean;
  readonly reason: ReasonView | null;
  readonly corridor: Corridor | null;
}

/** Reads the positions that hold a slot, oldest first. */
export async function readPositions(
  { store, prices }: Pick<WebDependencies, 'store' | 'prices'>,
  nowMs: number,
): Promise<readonly PositionView[]> {
  const [open, marks, accounts] = await Promise.all([
    store.positions.listOpen(),
    prices.readAll(),
    store.accounts.list(),
  ]);
  return Promise.all(
    open.map(async (position) => {
      const orders = await store.orders.listByPosition(position.id);
      const account = accounts.find((each) => each.id === position.accountId)?.name;
      return viewPosition(position, orders, marks.get(position.symbol), {
        account: account ?? position.accountId,
        nowMs,
      });
    }),
  );
}

export function viewPosition(
  position: Position,
  orders: readonly Order[],
  mark: MarkPrice | undefined,
  options: { readonly account: string; readonly nowMs: number },
): PositionView {
  const rungs = latestRungs(orders);
  const next = rungs.find((rung) => !rung.isFilled);
  const since = position.openedAtMs ?? position.createdAtMs;
  const isStale = mark !== undefined && isMarkStale(mark, options.nowMs);
  const reason = position.reason ?? (isStale ? 'MarkPriceStale' : undefined);
  const corridor = planCorridor({
    direction: position.direction,
    stopPrice: position.stopPrice,
    profitPrice: position.profitPrice,
    entryPrice: position.entryPrice,
    breakEvenPrice: position.breakEvenPrice,
    rungs,
    markPrice: mark?.price,
  });
  return {
    id: position.id,
    account: options.account,
    symbol: position.symbol,
    direction: position.direction,
    slot: position.slot,
    status: position.status,
    leverage: position.leverage ?? null,
    quantity: textOf(position.quantity ?? position.entryQuantity),
    entryPrice: textOf(position.entryPrice),
    markPrice: textOf(mark?.price),
    unrealizedUsdt: unrealized(position, mark?.price),
    stopPrice: textOf(position.stopPrice),
    nextRungPrice: textOf(next?.price),
    profitPrice: textOf(position.profitPrice),
    rungsFilled: rungs.filter((rung) => rung.isFilled).length,
    rungs: rungs.length,
    wapCount: position.wapCount,
    ageMs: Math.max(0, options.nowMs - since),
    hasStop: orders.some(
      ({ purpose, status }) =>
        purpose === 'stop' && (status === 'new' || status === 'partially-filled'),
    ),
    reason: reason === undefined ? null : viewReason(reason),
    corridor: corridor ?? null,
  };
}

interface RungPlace {
  readonly index: number;
  readonly price: Price;
  readonly isFilled: boolean;
}

/** One place for each rung: a replaced order gives way to the one that replaces it. */
function latestRungs(orders: readonly Order[]): readonly RungPlace[] {
  const byIndex = new Map<number, RungPlace>();
  const replaced = new Set(orders.map((order) => order.replacesOrderId));
  for (const order of orders) {
    if (order.purpose !== 'rung' || order.price === undefined || replaced.has(order.id)) continue;
    byIndex.set(order.rungIndex, {
      index: order.rungIndex,
      price: order.price,
      isFilled: order.status === 'filled',
    });
  }
  return [...byIndex.values()].toSorted((a, b) => a.index - b.index);
}

function unrealized(position: Position, mark: Price | undefined): string | null {
  const base = position.breakEvenPrice ?? position.entryPrice;
  const { quantity } = position;
  if (base === undefined || quantity === undefined || mark === undefined) return null;
  const gain = mark.minus(base).times(quantity);
  return (position.direction === 'long' ? gain : gain.negated()).toFixed(2);
}

function textOf(value: { toString(): string } | undefined): string | null {
  return value === undefined ? null : value.toString();
}
