/**
 * A process writes an order or a position by the row that it saw last, under the guard that it still is that row.
 *
 * Two adapters over one database stand for two boxes: what the other one wrote in between is never overwritten.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createSystemClock } from '#pkg/base';
import { id, quantity, type OrderReport } from '#pkg/domain';
import { createSilentLogger } from '#pkg/observability';
import { createMysqlStore, migrate, openMysql, type Store } from '#pkg/store';
import { newOrder, newPosition } from '../conformance/store/rows.ts';
import { useTestMariadb, useTestMysql } from '../harness/index.ts';

const clock = createSystemClock();

async function open(url: string): Promise<Store> {
  const database = openMysql({ url, clock, logger: createSilentLogger() });
  await migrate(database);
  return createMysqlStore(database);
}

function report(changes: Partial<OrderReport>): OrderReport {
  return {
    status: 'new',
    venueOrderId: id('8886774'),
    filledQuantity: quantity(0),
    updatedAtMs: 10_000,
    ...changes,
  };
}

function suite(name: string, urlOf: () => string): void {
  describe(`rows of two boxes on ${name}`, () => {
    let eos: Store;
    let iris: Store;
    beforeAll(async () => {
      eos = await open(urlOf());
      iris = await open(urlOf());
    });
    afterAll(async () => {
      await eos[Symbol.asyncDispose]();
      await iris[Symbol.asyncDispose]();
    });

    test('a fill that another box wrote is not taken back by what eos remembers', async () => {
      const order = newOrder();
      await eos.orders.plan([order]);
      await eos.orders.allowSigning(order.id, { signableUntilMs: 3_000, nowMs: 2_500 });
      const filled = report({ status: 'filled', filledQuantity: quantity('0.002') });
      await iris.orders.applyReport(order.id, filled, 2_600);

      const applied = await eos.orders.applyReport(order.id, report({}), 2_700);
      expect(applied?.after.status).toBe('filled');
      expect(await iris.orders.find(order.id)).toEqual(applied?.after);
    });

    test('an order that another box withdrew is not signed', async () => {
      const order = newOrder();
      await eos.orders.plan([order]);
      await eos.orders.find(order.id);
      await iris.orders.settleUnknown(order.id, 'canceled', 2_400);

      const options = { signableUntilMs: 3_000, nowMs: 2_500 };
      expect(await eos.orders.allowSigning(order.id, options)).toBeUndefined();
      expect(await eos.orders.find(order.id)).toMatchObject({ status: 'canceled' });
    });

    test('a position that another box closes is not activated', async () => {
      const position = newPosition();
      await eos.positions.create(position);
      await eos.positions.advance(position.id, 'OpeningStarted', { nowMs: 2_000 });
      await eos.positions.find(position.id);
      await iris.positions.advance(position.id, 'CleanupStarted', { nowMs: 2_100 });

      const moved = await eos.positions.advance(position.id, 'Activated', { nowMs: 2_200 });
      expect(moved.kind).toBe('refused');
      expect(await iris.positions.find(position.id)).toMatchObject({ status: 'canceling' });
    });
  });
}

const mariadb = useTestMariadb();
suite('MariaDB', () => mariadb.url);
const mysql = useTestMysql();
suite('MySQL', () => mysql.url);
