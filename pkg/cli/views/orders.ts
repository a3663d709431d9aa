import { formatInstant } from '#pkg/base';
import type { Order } from '#pkg/domain';
import { formatAge } from '../format/words.ts';
import type { ReadingView } from './view.ts';

export interface OrderRow {
  readonly id: string;
  readonly clientOrderId: string;
  readonly venueOrderId: string | null;
  readonly position: string;
  readonly symbol: string;
  readonly direction: string;
  readonly purpose: string;
  readonly rungIndex: number;
  readonly side: string;
  readonly status: string;
  readonly price: string | null;
  readonly quantity: string | null;
  readonly filledQuantity: string;
  readonly averagePrice: string | null;
  readonly createdAt: string;
  readonly filledAt: string | null;
  readonly ageMs: number;
}

export function orderRow(order: Order, nowMs: number): OrderRow {
  return {
    id: order.id,
    clientOrderId: order.clientOrderId,
    venueOrderId: order.venueOrderId ?? null,
    position: order.positionId,
    symbol: order.symbol,
    direction: order.direction,
    purpose: order.purpose,
    rungIndex: order.rungIndex,
    side: order.side,
    status: order.status,
    price: order.price?.toFixed() ?? null,
    quantity: order.quantity?.toFixed() ?? null,
    filledQuantity: order.filledQuantity.toFixed(),
    averagePrice: order.averagePrice?.toFixed() ?? null,
    createdAt: formatInstant(order.createdAtMs),
    filledAt: order.filledAtMs === undefined ? null : formatInstant(order.filledAtMs),
    ageMs: Math.max(0, nowMs - order.createdAtMs),
  };
}

export const ORDERS_VIEW: ReadingView<OrderRow> = {
  columns: [
    { header: 'SYMBOL', value: ({ symbol }) => symbol },
    { header: 'SIDE', value: ({ direction }) => direction },
    {
      header: 'PURPOSE',
      value: ({ purpose, rungIndex }) => (rungIndex === 0 ? purpose : `${purpose} ${rungIndex}`),
    },
    { header: 'ORDER', value: ({ side }) => side },
    { header: 'STATUS', value: ({ status }) => status },
    { header: 'PRICE', value: ({ price }) => price ?? 'market', align: 'right' },
    { header: 'QUANTITY', value: ({ quantity }) => quantity ?? 'all', align: 'right' },
    { header: 'FILLED', value: ({ filledQuantity }) => filledQuantity, align: 'right' },
    { header: 'AVERAGE', value: ({ averagePrice }) => averagePrice ?? '', align: 'right' },
    { header: 'AGE', value: ({ ageMs }) => formatAge(ageMs), align: 'right' },
    { header: 'CLIENT ID', value: ({ clientOrderId }) => clientOrderId, isWide: true },
    { header: 'VENUE ID', value: ({ venueOrderId }) => venueOrderId ?? '', isWide: true },
  ],
  whenEmpty: 'no orders yet',
  key: ({ id }) => id,
  read: async ({ reader, nowMs, limit }) => {
    const orders = await reader.store.orders.list({ limit });
    return orders.map((order) => orderRow(order, nowMs));
  },
};
