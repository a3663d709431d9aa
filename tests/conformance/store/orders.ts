import { describe, expect, test } from 'vitest';

import { id, price, quantity, type AccountId, type OrderId, type OrderReport } from '#pkg/domain';
import { StoreConflictError, type NewOrder, type Store } from '#pkg/store';
import type { StoreUnderTest } from '../store.ts';
import { fresh, newOrder, plain } from './rows.ts';

function report(changes: Partial<OrderReport> = {}): OrderReport {
  return {
    status: 'new',
    venueOrderId: id('8886774'),
    filledQuantity: quantity(0),
    updatedAtMs: 10_000,
    ...changes,
  };
}

async function sentOrder(store: Store, changes: Partial<NewOrder> = {}): Promise<OrderId> {
  const order = newOrder(changes);
  await store.orders.plan([order]);
  await store.orders.allowSigning(order.id, { signableUntilMs: 3_000, nowMs: 2_500 });
  return order.id;
}

export function describeOrders(subject: () => StoreUnderTest): void {
  describePlanning(subject);
  describeSigning(subject);
  describeReports(subject);
}

function describePlanning(subject: () => StoreUnderTest): void {
  describe('planned orders', () => {
    test('planned rows read back with nothing filled', async () => {
      const { orders } = subject().store;
      const positionId = id<NewOrder['positionId']>(fresh('position'));
      const entry = newOrder({ positionId, purpose: 'entry', price: undefined, createdAtMs: 1 });
      const stop = newOrder({ positionId, purpose: 'stop', quantity: undefined, createdAtMs: 2 });
      await orders.plan([entry, stop]);

      expect(plain(await orders.listByPosition(positionId))).toMatchObject([
        { ...(plain(entry) as object), status: 'planned', filledQuantity: '0' },
        { ...(plain(stop) as object), status: 'planned', averagePrice: undefined },
      ]);
      expect(await orders.findByClientOrderId(entry.accountId, entry.clientOrderId)).toEqual(
        await orders.find(entry.id),
      );
      expect(await orders.findByClientOrderId(stop.accountId, entry.clientOrderId)).toBe(undefined);
    });

    test('planning again leaves standing rows as they are and adds the new ones', async () => {
      const { orders } = subject().store;
      const first = newOrder();
      const second = newOrder();
      await orders.plan([first]);
      await orders.allowSigning(first.id, { signableUntilMs: 9, nowMs: 3 });
      await orders.plan([{ ...first, price: price(1) }, second]);

      expect(plain(await orders.find(first.id))).toMatchObject({
        status: 'unknown',
        price: '91500.1',
      });
      expect(await orders.find(second.id)).toMatchObject({ status: 'planned' });
    });

    test('one client id for two orders of an account is a conflict, and none of the rows is kept', async () => {
      const { orders } = subject().store;
      const first = newOrder();
      await orders.plan([first]);
      const accountId = first.accountId;
      const other = newOrder({ accountId });
      const twin = newOrder({ accountId, clientOrderId: first.clientOrderId });

      await expect(orders.plan([other, twin])).rejects.toThrow(StoreConflictError);
      expect(await orders.find(other.id)).toBeUndefined();
      expect(await orders.find(twin.id)).toBeUndefined();
      await orders.plan([newOrder({ clientOrderId: first.clientOrderId })]);
    });

    test('an order is replaced once', async () => {
      const { orders } = subject().store;
      const gone = newOrder();
      await orders.plan([gone, newOrder({ replacesOrderId: gone.id })]);

      await expect(orders.plan([newOrder({ replacesOrderId: gone.id })])).rejects.toThrow(
        StoreConflictError,
      );
    });

    test('planning the same rows from many sides at once makes each row once', async () => {
      const { orders } = subject().store;
      const accountId = id<AccountId>(fresh('account'));
      const rows = [newOrder({ accountId }), newOrder({ accountId }), newOrder({ accountId })];
      await Promise.all([orders.plan(rows), orders.plan(rows), orders.plan(rows.slice(1))]);

      expect(await orders.listWorking(accountId)).toHaveLength(3);
    });

    test('no orders are planned by an empty list', async () => {
      await expect(subject().store.orders.plan([])).resolves.toBeUndefined();
    });
  });
}

function describeSigning(subject: () => StoreUnderTest): void {
  describe('signing', () => {
    test('allowing the first signature makes a planned order unknown, with the price it will carry', async () => {
      const { orders } = subject().store;
      const order = newOrder();
      await orders.plan([order]);
      const signable = await orders.allowSigning(order.id, {
        signableUntilMs: 4_000,
        price: price('90000.5'),
        quantity: quantity('0.004'),
        nowMs: 2_500,
      });

      expect(plain(signable)).toMatchObject({
        status: 'unknown',
        signableUntilMs: 4_000,
        price: '90000.5',
        quantity: '0.004',
        updatedAtMs: 2_500,
      });
      expect(await orders.find(order.id)).toEqual(signable);
    });

    test('a later signature only extends the bound; price and quantity stay', async () => {
      const { store } = subject();
      const orderId = await sentOrder(store);
      const again = await store.orders.allowSigning(orderId, {
        signableUntilMs: 2_900,
        price: price(1),
        nowMs: 2_600,
      });
      expect(plain(again)).toMatchObject({
        status: 'unknown',
        signableUntilMs: 3_000,
        price: '91500.1',
      });
    });

    test('a terminal order and one that is not there are refused', async () => {
      const { store } = subject();
      const orderId = await sentOrder(store);
      await store.orders.applyReport(orderId, report({ status: 'canceled' }), 5_000);

      const options = { signableUntilMs: 9_000, nowMs: 6_000 };
      expect(await store.orders.allowSigning(orderId, options)).toBeUndefined();
      expect(await store.orders.allowSigning(id(fresh('order')), options)).toBeUndefined();
      expect(await store.orders.find(orderId)).toMatchObject({ signableUntilMs: 3_000 });
    });

    test('an order that the venue never got goes back to planned or ends', async () => {
      const { store } = subject();
      const again = await sentOrder(store);
      const ended = await sentOrder(store);
      await store.orders.settleUnknown(again, 'planned', 6_000);
      await store.orders.settleUnknown(ended, 'rejected', 6_000);

      expect(await store.orders.find(again)).toMatchObject({
        status: 'planned',
        signableUntilMs: undefined,
      });
      expect(await store.orders.find(ended)).toMatchObject({ status: 'rejected' });
    });

    test('settling changes nothing once the venue has reported the order', async () => {
      const { store } = subject();
      const orderId = await sentOrder(store);
      await store.orders.applyReport(orderId, report(), 5_000);
      await store.orders.settleUnknown(orderId, 'planned', 6_000);

      expect(await store.orders.find(orderId)).toMatchObject({ status: 'new', updatedAtMs: 5_000 });
    });

    test('acknowledging sets the reference and what works at the venue', async () => {
      const { store } = subject();
      const orderId = await sentOrder(store);
      await store.orders.acknowledge(
        orderId,
        { price: price('101.1'), quantity: undefined },
        7_000,
      );
      expect(plain(await store.orders.find(orderId))).toMatchObject({
        price: '101.1',
        quantity: undefined,
        referencePrice: '101.1',
        referenceQuantity: undefined,
      });
    });
  });
}

function describeReports(subject: () => StoreUnderTest): void {
  describe('reports of the venue', () => {
    test('a report is applied, and the rows before and after are returned', async () => {
      const { store } = subject();
      const orderId = await sentOrder(store);
      const applied = await store.orders.applyReport(
        orderId,
        report({
          status: 'partially-filled',
          filledQuantity: quantity('0.001'),
          averagePrice: price('91500.05'),
        }),
        11_000,
      );

      expect(applied?.before.status).toBe('unknown');
      expect(plain(applied?.after)).toMatchObject({
        status: 'partially-filled',
        venueOrderId: '8886774',
        filledQuantity: '0.001',
        averagePrice: '91500.05',
        venueUpdatedAtMs: 10_000,
        updatedAtMs: 11_000,
      });
      expect(await store.orders.find(orderId)).toEqual(applied?.after);
    });

    test('a report for an order that is not there changes nothing', async () => {
      expect(await subject().store.orders.applyReport(id(fresh('order')), report(), 1)).toBe(
        undefined,
      );
    });

    test('frames in any order end in the same row', async () => {
      const { store } = subject();
      const frames = [
        report({ updatedAtMs: 1 }),
        report({
          status: 'partially-filled',
          filledQuantity: quantity('0.001'),
          averagePrice: price(99),
          updatedAtMs: 2,
        }),
        report({
          status: 'filled',
          filledQuantity: quantity('0.002'),
          averagePrice: price(98),
          updatedAtMs: 3,
        }),
      ];
      for (const sequence of [frames, frames.toReversed()]) {
        const orderId = await sentOrder(store);
        for (const frame of sequence) await store.orders.applyReport(orderId, frame, 20_000);
        expect(plain(await store.orders.find(orderId))).toMatchObject({
          status: 'filled',
          filledQuantity: '0.002',
          averagePrice: '98',
          filledAtMs: 3,
        });
      }
    });

    test('zero never replaces a positive price or quantity', async () => {
      const { store } = subject();
      const orderId = await sentOrder(store);
      await store.orders.applyReport(
        orderId,
        report({ status: 'filled', filledQuantity: quantity(1), averagePrice: price(50) }),
        1,
      );
      await store.orders.applyReport(
        orderId,
        report({
          status: 'filled',
          price: price(0),
          quantity: quantity(0),
          filledQuantity: quantity(0),
          averagePrice: price(0),
          updatedAtMs: 99_000,
        }),
        2,
      );
      expect(plain(await store.orders.find(orderId))).toMatchObject({
        price: '91500.1',
        quantity: '0.002',
        filledQuantity: '1',
        averagePrice: '50',
      });
    });

    test('a first report acknowledges the intent as well, in the same write', async () => {
      const { store } = subject();
      const orderId = await sentOrder(store);
      const applied = await store.orders.applyReport(orderId, report(), 11_000, {
        price: price('101.1'),
        quantity: quantity('0.002'),
      });
      expect(plain(applied?.after)).toMatchObject({
        status: 'new',
        referencePrice: '101.1',
        referenceQuantity: '0.002',
      });
    });

    test('reports that arrive at once are all counted, and the highest rank stands', async () => {
      const { store } = subject();
      const orderId = await sentOrder(store);
      const fills = Array.from({ length: 10 }, (_, index) =>
        report({
          status: index === 9 ? 'filled' : 'partially-filled',
          filledQuantity: quantity(index + 1),
          averagePrice: price(100),
          updatedAtMs: 100 + index,
        }),
      );
      const applied = await Promise.all(
        fills.map((fill) => store.orders.applyReport(orderId, fill, 1)),
      );

      expect(applied.filter((change) => change === undefined)).toHaveLength(0);
      const becameFilled = applied.filter(
        (change) => change?.before.status !== 'filled' && change?.after.status === 'filled',
      );
      expect(becameFilled).toHaveLength(1);
      expect(plain(await store.orders.find(orderId))).toMatchObject({
        status: 'filled',
        filledQuantity: '10',
        filledAtMs: 109,
      });
    });

    test('working orders are those that are not terminal, oldest first', async () => {
      const { store } = subject();
      const accountId = id<AccountId>(fresh('account'));
      const late = await sentOrder(store, { accountId, createdAtMs: 5 });
      const early = await sentOrder(store, { accountId, createdAtMs: 4 });
      const done = await sentOrder(store, { accountId, createdAtMs: 3 });
      await store.orders.applyReport(done, report({ status: 'expired' }), 9);

      expect((await store.orders.listWorking(accountId)).map((order) => order.id)).toEqual([
        early,
        late,
      ]);
      expect((await store.orders.list({ accountId, limit: 2 })).map((order) => order.id)).toEqual([
        late,
        early,
      ]);
    });

    test('fills are marked as handled, once', async () => {
      const { store } = subject();
      const orderId = await sentOrder(store);
      const other = await sentOrder(store);
      await store.orders.markFillHandled([], 7_000);
      await store.orders.markFillHandled([orderId], 8_000);
      await store.orders.markFillHandled([orderId], 9_000);

      expect(await store.orders.find(orderId)).toMatchObject({
        fillHandled: true,
        updatedAtMs: 8_000,
      });
      expect(await store.orders.find(other)).toMatchObject({ fillHandled: false });
    });
  });
}
