import { describe, expect, test } from 'vitest';

import {
  id,
  type AccountId,
  type ClientOrderId,
  type OrderId,
  type PositionId,
  type SymbolName,
} from '../fleet/ids.ts';
import { price, quantity } from '../money/money.ts';
import type { PositionStatus } from '../position/position-status.ts';
import { clientOrderIdOf, orderIdOf } from './order-draft.ts';
import { ORDER_PURPOSES, type Order } from './order.ts';
import { decideReaction } from './reaction.ts';

const positionId = id<PositionId>('01k8yqj4zv0000000000000000');

describe('order ids', () => {
  test('the same slot of a position always has the same id, and fits the venue', () => {
    const ids = ORDER_PURPOSES.flatMap((purpose) =>
      [1, 2, 99].map((generation) => orderIdOf(positionId, { purpose, rungIndex: 4, generation })),
    );
    expect(new Set(ids).size).toBe(ids.length);
    for (const orderId of ids) expect(clientOrderIdOf(orderId).length).toBeLessThanOrEqual(36);
    expect(orderIdOf(positionId, { purpose: 'rung', rungIndex: 2, generation: 1 })).toBe(
      `${positionId}-r2`,
    );
  });

  test('an id that the venue would refuse is a bug', () => {
    expect(() => clientOrderIdOf(id<OrderId>('x'.repeat(40)))).toThrow('36');
    expect(() => clientOrderIdOf(id<OrderId>('a b'))).toThrow('plain');
  });
});

describe('reactions', () => {
  const working: Order = {
    id: id<OrderId>('o'),
    positionId,
    accountId: id<AccountId>('a'),
    symbol: id<SymbolName>('BTCUSDT'),
    direction: 'long',
    purpose: 'rung',
    rungIndex: 1,
    side: 'BUY',
    clientOrderId: id<ClientOrderId>('c'),
    venueOrderId: undefined,
    status: 'new',
    price: price(100),
    quantity: quantity(2),
    referencePrice: price(100),
    referenceQuantity: quantity(2),
    filledQuantity: quantity(0),
    averagePrice: undefined,
    signableUntilMs: undefined,
    fillHandled: false,
    venueUpdatedAtMs: undefined,
    filledAtMs: undefined,
    replacesOrderId: undefined,
    createdAtMs: 0,
    updatedAtMs: 0,
  };

  test.each([
    ['rung', { status: 'filled' }, 'ApplyWap'],
    ['profit', { status: 'filled' }, 'ClosePosition'],
    ['stop', { status: 'filled' }, 'ClosePosition'],
    ['entry', { status: 'filled' }, 'None'],
    ['close', { status: 'filled' }, 'None'],
    ['rung', { status: 'partially-filled', filledQuantity: quantity(1) }, 'SyncQuantity'],
    ['profit', { status: 'partially-filled', filledQuantity: quantity(1) }, 'SyncQuantity'],
    ['rung', { status: 'canceled' }, 'RestoreOrders'],
    ['profit', { status: 'expired' }, 'RestoreOrders'],
    ['stop', { status: 'rejected' }, 'RestoreOrders'],
    ['rung', { price: price(101) }, 'RestoreOrders'],
    ['profit', { quantity: quantity(3) }, 'RestoreOrders'],
    ['rung', {}, 'None'],
    ['rung', { status: 'filled', fillHandled: true }, 'None'],
  ] as const)('a %s that becomes %o asks for %s', (purpose, change, expected) => {
    const before = { ...working, purpose };
    expect(decideReaction(before, { ...before, ...change }, 'active')).toBe(expected);
  });

  test('an order that was moved while the position is re-averaged asks for nothing', () => {
    expect(decideReaction(working, { ...working, price: price(99) }, 'waping')).toBe('None');
  });

  test.each<PositionStatus>([
    'new',
    'opening',
    'closing',
    'canceling',
    'closed',
    'canceled',
    'failed',
  ])('a position that is %s is its own workflow’s business', (status) => {
    expect(decideReaction(working, { ...working, status: 'canceled' }, status)).toBe('None');
  });
});
