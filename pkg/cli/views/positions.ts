import { formatInstant } from '#pkg/base';
import {
  OPEN_POSITION_STATUSES,
  worth,
  type Position,
  type Price,
  type SymbolName,
} from '#pkg/domain';
import type { MarkPrice } from '#pkg/exchange';
import { isMarkStale } from '#pkg/market-data';
import { formatAge } from '../format/words.ts';
import type { ReadingView } from './view.ts';

export interface PositionRow {
  readonly id: string;
  readonly account: string;
  readonly symbol: string;
  readonly direction: string;
  readonly slot: number;
  readonly status: string;
  readonly isOpen: boolean;
  readonly reason: string | null;
  readonly quantity: string | null;
  readonly entryPrice: string | null;
  readonly breakEvenPrice: string | null;
  readonly markPrice: string | null;
  readonly stopPrice: string | null;
  readonly profitPrice: string | null;
  readonly marginUsdt: string | null;
  readonly leverage: number | null;
  /** Of an open position at the mark price, of a closed one as realized. USDT. */
  readonly pnlUsdt: string | null;
  readonly wapCount: number;
  readonly openedAt: string | null;
  readonly closedAt: string | null;
  readonly closeReason: string | null;
  readonly ageMs: number;
}

const PNL_PLACES = 2;

/** Returns one row for a position; `mark` is the newest mark price of its symbol, which is said to be stale when it is. */
export function positionRow(
  position: Position,
  { mark, nowMs }: { readonly mark: MarkPrice | undefined; readonly nowMs: number },
): PositionRow {
  const isOpen = OPEN_POSITION_STATUSES.includes(position.status);
  const isStale = isOpen && mark !== undefined && isMarkStale(mark, nowMs);
  return {
    id: position.id,
    account: position.accountId,
    symbol: position.symbol,
    direction: position.direction,
    slot: position.slot,
    status: position.status,
    isOpen,
    reason: position.reason ?? (isStale ? 'MarkPriceStale' : null),
    quantity: position.quantity?.toFixed() ?? null,
    entryPrice: position.entryPrice?.toFixed() ?? null,
    breakEvenPrice: position.breakEvenPrice?.toFixed() ?? null,
    markPrice: mark?.price.toFixed() ?? null,
    stopPrice: position.stopPrice?.toFixed() ?? null,
    profitPrice: position.profitPrice?.toFixed() ?? null,
    marginUsdt: position.marginUsdt?.toFixed(PNL_PLACES) ?? null,
    leverage: position.leverage ?? null,
    pnlUsdt: isOpen
      ? unrealizedPnl(position, mark?.price)
      : (position.realizedPnl?.toFixed(PNL_PLACES) ?? null),
    wapCount: position.wapCount,
    openedAt: isoOf(position.openedAtMs),
    closedAt: isoOf(position.closedAtMs),
    closeReason: position.closeReason ?? null,
    ageMs: Math.max(0, nowMs - (position.openedAtMs ?? position.createdAtMs)),
  };
}

/** Before fees: what closing at the mark price would bring. */
function unrealizedPnl(position: Position, mark: Price | undefined): string | null {
  const { quantity, breakEvenPrice, entryPrice, direction } = position;
  const paid = breakEvenPrice ?? entryPrice;
  if (quantity === undefined || paid === undefined || mark === undefined) return null;
  const gain = worth(quantity, mark).minus(worth(quantity, paid));
  return (direction === 'long' ? gain : gain.negated()).toFixed(PNL_PLACES);
}

function isoOf(atMs: number | undefined): string | null {
  return atMs === undefined ? null : formatInstant(atMs);
}

const NO_MARKS: ReadonlyMap<SymbolName, MarkPrice> = new Map();

export const POSITIONS_VIEW: ReadingView<PositionRow> = {
  columns: [
    { header: 'SYMBOL', value: ({ symbol }) => symbol },
    { header: 'SIDE', value: ({ direction }) => direction },
    { header: 'STATUS', value: ({ status }) => status },
    { header: 'QUANTITY', value: ({ quantity }) => quantity ?? '', align: 'right' },
    { header: 'STOP', value: ({ stopPrice }) => stopPrice ?? '', align: 'right' },
    { header: 'ENTRY', value: ({ entryPrice }) => entryPrice ?? '', align: 'right' },
    { header: 'MARK', value: ({ markPrice }) => markPrice ?? '', align: 'right' },
    { header: 'PROFIT', value: ({ profitPrice }) => profitPrice ?? '', align: 'right' },
    { header: 'PNL', value: ({ pnlUsdt }) => pnlUsdt ?? '', align: 'right' },
    { header: 'WAPS', value: ({ wapCount }) => String(wapCount), align: 'right' },
    { header: 'AGE', value: ({ ageMs }) => formatAge(ageMs), align: 'right' },
    { header: 'REASON', value: ({ reason, closeReason }) => reason ?? closeReason ?? '' },
    { header: 'SLOT', value: ({ slot }) => String(slot), align: 'right', isWide: true },
    { header: 'MARGIN', value: ({ marginUsdt }) => marginUsdt ?? '', align: 'right', isWide: true },
    {
      header: 'LEVERAGE',
      value: ({ leverage }) => (leverage === null ? '' : `${leverage}×`),
      align: 'right',
      isWide: true,
    },
    { header: 'ID', value: ({ id }) => id, isWide: true },
  ],
  whenEmpty: 'no positions yet',
  key: ({ id }) => id,
  read: async ({ reader, nowMs, limit }) => {
    const [positions, marks] = await Promise.all([
      reader.store.positions.list({ limit }),
      // Without Redis the rows are told all the same: no mark is known then.
      reader.prices.readAll().catch(() => NO_MARKS),
    ]);
    const rows = positions.map((position) =>
      positionRow(position, { mark: marks.get(position.symbol), nowMs }),
    );
    return rows.toSorted((a, b) => Number(b.isOpen) - Number(a.isOpen));
  },
};
