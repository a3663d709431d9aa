import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  id,
  isTerminalOrderStatus,
  ORDER_STATUS_RANK,
  price,
  quantity,
  type Order,
  type OrderReport,
  type OrderStatus,
} from '#pkg/domain';
import { mergeReport, plannedOrder, settledOrder, signableOrder } from './order-rules.ts';

const STATUSES = Object.keys(ORDER_STATUS_RANK) as OrderStatus[];
const REPORTED = STATUSES.filter(
  (status): status is OrderReport['status'] => status !== 'planned' && status !== 'unknown',
);

const base = plannedOrder({
  id: id('order-1'),
  positionId: id('position-1'),
  accountId: id('account-1'),
  symbol: id('BTCUSDT'),
  direction: 'long',
  purpose: 'rung',
  rungIndex: 1,
  side: 'BUY',
  clientOrderId: id('client-1'),
  price: price(100),
  quantity: quantity(8),
  replacesOrderId: undefined,
  createdAtMs: 1,
});

const amounts = fc.integer({ min: 0, max: 8 });
const reports: fc.Arbitrary<OrderReport> = fc
  .record({
    status: fc.constantFrom(...REPORTED),
    filled: amounts,
    average: fc.option(amounts, { nil: undefined }),
    price: fc.option(amounts, { nil: undefined }),
    quantity: fc.option(amounts, { nil: undefined }),
    updatedAtMs: fc.integer({ min: 0, max: 5 }),
  })
  .map((drawn) => ({
    status: drawn.status,
    venueOrderId: id('venue-1'),
    filledQuantity: quantity(drawn.filled),
    averagePrice: drawn.average === undefined ? undefined : price(drawn.average),
    price: drawn.price === undefined ? undefined : price(drawn.price),
    quantity: drawn.quantity === undefined ? undefined : quantity(drawn.quantity),
    updatedAtMs: drawn.updatedAtMs,
  }));

function applyAll(order: Order, list: readonly OrderReport[]): Order {
  return list.reduce((held, report) => mergeReport(held, report, 50), order);
}

describe('merging what the venue said', () => {
  test('rank never falls, the fill never shrinks and nothing positive becomes zero', () => {
    fc.assert(
      fc.property(fc.array(reports, { maxLength: 8 }), reports, (earlier, report) => {
        const before = applyAll(base, earlier);
        const after = mergeReport(before, report, 60);

        expect(ORDER_STATUS_RANK[after.status]).toBeGreaterThanOrEqual(
          ORDER_STATUS_RANK[before.status],
        );
        expect(after.filledQuantity.gte(before.filledQuantity)).toBe(true);
        expect(after.filledQuantity.gte(report.filledQuantity)).toBe(true);
        expect(after.price?.gt(0)).toBe(true);
        expect(after.quantity?.gt(0)).toBe(true);
        expect(after.averagePrice?.gt(0) ?? true).toBe(true);
        if (before.averagePrice !== undefined) expect(after.averagePrice).toBeDefined();
        if (before.status === 'filled') expect(after.status).toBe('filled');
        expect(after.filledAtMs === undefined).toBe(after.status !== 'filled');
      }),
    );
  });

  test('a report that was applied changes nothing when it comes again', () => {
    fc.assert(
      fc.property(fc.array(reports, { maxLength: 8 }), reports, (earlier, report) => {
        const once = mergeReport(applyAll(base, earlier), report, 60);
        expect(mergeReport(once, report, 70)).toBe(once);
      }),
    );
  });

  test('the frames of a real order end in one state, in whatever order they arrive', () => {
    const frame = (status: OrderReport['status'], filled: number, at: number): OrderReport => ({
      status,
      venueOrderId: id('venue-1'),
      filledQuantity: quantity(filled),
      averagePrice: price(filled === 0 ? 0 : 100 - filled),
      updatedAtMs: at,
    });
    const life = [
      frame('new', 0, 1),
      frame('partially-filled', 2, 2),
      frame('partially-filled', 5, 3),
      frame('filled', 8, 4),
    ];
    const shuffled = fc.shuffledSubarray(life, { minLength: 4 });
    fc.assert(
      fc.property(shuffled, (frames) => {
        const end = applyAll(base, frames);
        expect(end).toEqual(applyAll(base, life));
      }),
    );
  });

  test('an older update of the same rank changes neither price nor status', () => {
    const held = mergeReport(base, report({ updatedAtMs: 10, price: price(90) }), 50);
    const after = mergeReport(held, report({ updatedAtMs: 9, price: price(80) }), 60);
    expect(after).toBe(held);
  });

  test('a late fill of a canceled order still counts', () => {
    const canceled = mergeReport(base, report({ status: 'canceled', updatedAtMs: 10 }), 50);
    const after = mergeReport(
      canceled,
      report({
        status: 'partially-filled',
        filledQuantity: quantity(3),
        averagePrice: price(99),
        updatedAtMs: 9,
      }),
      60,
    );
    expect(after.status).toBe('canceled');
    expect(after.filledQuantity.toFixed()).toBe('3');
    expect(after.averagePrice?.toFixed()).toBe('99');
  });

  test('an order that was given up locally and filled after all is filled', () => {
    const sent = signableOrder(base, { signableUntilMs: 5, nowMs: 2 });
    const settled = settledOrder(sent ?? base, 'canceled', 3);
    const after = mergeReport(
      settled,
      report({ status: 'filled', filledQuantity: quantity(8) }),
      4,
    );
    expect(after.status).toBe('filled');
  });

  test('amounts are rounded to what the store keeps', () => {
    const after = mergeReport(
      base,
      report({
        status: 'filled',
        filledQuantity: quantity(8),
        averagePrice: price('33.3333333333333333335'),
      }),
      50,
    );
    expect(after.averagePrice?.toFixed()).toBe('33.333333333333333334');
  });
});

function report(changes: Partial<OrderReport>): OrderReport {
  return { status: 'new', filledQuantity: quantity(0), updatedAtMs: 10, ...changes };
}

describe('signing and settling', () => {
  test.each(STATUSES)('an order that is %s may be signed for unless it is terminal', (status) => {
    const signable = signableOrder({ ...base, status }, { signableUntilMs: 9, nowMs: 2 });
    expect(signable?.status).toBe(
      isTerminalOrderStatus(status) ? undefined : status === 'planned' ? 'unknown' : status,
    );
  });

  test.each(STATUSES)('an order that is %s is settled only while the venue is silent', (status) => {
    const order = { ...base, status };
    const isSilent = status === 'planned' || status === 'unknown';
    for (const end of ['planned', 'rejected', 'canceled'] as const) {
      expect(settledOrder(order, end, 9).status).toBe(isSilent ? end : status);
    }
  });
});
