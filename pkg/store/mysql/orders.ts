import {
  isTerminalOrderStatus,
  type AccountId,
  type Order,
  type OrderId,
  type PositionId,
} from '#pkg/domain';
import {
  acknowledgedOrder,
  mergeReport,
  plannedOrder,
  settledOrder,
  signableOrder,
} from '../rules/order-rules.ts';
import type { NewOrder, OrderStore } from '../store.ts';
import type { MysqlDatabase, Queries } from './database.ts';
import { createKnownRows, type KnownRows } from './known-rows.ts';
import { findDuplicateKey } from './mysql-errors.ts';
import { isStillOrder, readOrder, writeOrder, writeOrderState } from './order-rows.ts';

/** Returns the orders of `database`. */
export function createMysqlOrderStore(database: MysqlDatabase): OrderStore {
  const known = createKnownRows<Order>(({ status }) => isTerminalOrderStatus(status));
  const change = async (
    orderId: OrderId,
    decide: (order: Order) => Order | undefined,
  ): Promise<Change | undefined> => {
    const changed = await changeOrder({ database, known }, orderId, decide);
    if (changed !== undefined) known.keep(changed.after);
    return changed;
  };
  return {
    plan: (orders) => plan(database, orders),
    find: async (orderId) => {
      const order = await find(database, orderId);
      if (order !== undefined) known.keep(order);
      return order;
    },
    findByClientOrderId: async (accountId, clientOrderId) => {
      const row = await database.run((queries) =>
        queries
          .selectFrom('orders')
          .selectAll()
          .where('account_id', '=', accountId)
          .where('client_order_id', '=', clientOrderId)
          .executeTakeFirst(),
      );
      return row === undefined ? undefined : readOrder(row);
    },
    listByPosition: async (positionId) => {
      const orders = await listByPosition(database, positionId);
      for (const order of orders) known.keep(order);
      return orders;
    },
    listWorking: (accountId) => listWorking(database, accountId),
    listWorkingOfOpen: () => listWorkingOfOpen(database),
    list: (options) => list(database, options),
    allowSigning: async (orderId, options) =>
      (await change(orderId, (order) => signableOrder(order, options)))?.after,
    applyReport: (orderId, report, nowMs, acknowledged) =>
      change(orderId, (order) =>
        mergeReport(
          acknowledged === undefined ? order : acknowledgedOrder(order, acknowledged, nowMs),
          report,
          nowMs,
        ),
      ),
    settleUnknown: async (orderId, status, nowMs) => {
      await change(orderId, (order) => settledOrder(order, status, nowMs));
    },
    acknowledge: async (orderId, reference, nowMs) => {
      await change(orderId, (order) => acknowledgedOrder(order, reference, nowMs));
    },
    markFillHandled: async (orderIds, nowMs) => {
      if (orderIds.length === 0) return;
      await database.run((queries) =>
        queries
          .updateTable('orders')
          .set({ fill_handled: 1, updated_at_ms: nowMs })
          .where('id', 'in', orderIds)
          .where('fill_handled', '=', 0)
          .execute(),
      );
    },
  };
}

interface Change {
  readonly before: Order;
  readonly after: Order;
}

/** So often a row may have changed between reading and writing it; then it is locked first. */
const UNLOCKED_TRIES = 3;

/**
 * Decides by the order as this process knows it, else reads it first, and writes under the guard that the row is as it
 * was decided by: one or two round trips that commit by themselves, where a lock takes four. The guard compares every column that ever
 * changes, so that a process of the release before, which knows no guard, is noticed too. What changes nothing is
 * never answered from memory.
 */
async function changeOrder(
  { database, known }: { readonly database: MysqlDatabase; readonly known: KnownRows<Order> },
  orderId: OrderId,
  decide: (order: Order) => Order | undefined,
): Promise<Change | undefined> {
  const guess = known.take(orderId);
  const guessed = guess === undefined ? undefined : decide(guess);
  if (guess !== undefined && guessed !== undefined && guessed !== guess) {
    if (await writeOver(database, guess, guessed)) return { before: guess, after: guessed };
  }
  for (let attempt = 1; attempt <= UNLOCKED_TRIES; attempt += 1) {
    const before = await find(database, orderId);
    const after = before === undefined ? undefined : decide(before);
    if (before === undefined || after === undefined) return undefined;
    if (after === before) return { before, after };
    if (await writeOver(database, before, after)) return { before, after };
  }
  return database.transact((queries) => changeLocked(queries, orderId, decide));
}

async function find(database: MysqlDatabase, orderId: OrderId): Promise<Order | undefined> {
  const row = await database.run((queries) =>
    queries.selectFrom('orders').selectAll().where('id', '=', orderId).executeTakeFirst(),
  );
  return row === undefined ? undefined : readOrder(row);
}

/** False when the row is not as it was `before` any more. */
async function writeOver(database: MysqlDatabase, before: Order, after: Order): Promise<boolean> {
  const written = await database.run((queries) =>
    queries
      .updateTable('orders')
      .set(writeOrderState(after))
      .where('id', '=', before.id)
      .where(isStillOrder(before))
      .executeTakeFirst(),
  );
  return written.numUpdatedRows > 0;
}

async function changeLocked(
  queries: Queries,
  orderId: OrderId,
  decide: (order: Order) => Order | undefined,
): Promise<Change | undefined> {
  const row = await queries
    .selectFrom('orders')
    .selectAll()
    .where('id', '=', orderId)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const before = readOrder(row);
  const after = decide(before);
  if (after === undefined) return undefined;
  if (after !== before) {
    await queries
      .updateTable('orders')
      .set(writeOrderState(after))
      .where('id', '=', orderId)
      .execute();
  }
  return { before, after };
}

/** One statement when all rows are new; rows that stand already, or are planned beside us, are left out of the next one. */
async function plan(database: MysqlDatabase, orders: readonly NewOrder[]): Promise<void> {
  let missing = orders.map((order) => writeOrder(plannedOrder(order)));
  while (missing.length > 0) {
    const rows = missing;
    const isPlanned = await database.run((queries) => insertNew(queries, rows));
    if (isPlanned) return;
    const ids = rows.map((row) => row.id);
    const standing = await database.run((queries) =>
      queries.selectFrom('orders').select('id').where('id', 'in', ids).execute(),
    );
    const known = new Set(standing.map((row) => row.id));
    missing = rows.filter((row) => !known.has(row.id));
  }
}

/** False when one of them stands already. */
async function insertNew(
  queries: Queries,
  rows: readonly ReturnType<typeof writeOrder>[],
): Promise<boolean> {
  try {
    await queries.insertInto('orders').values(rows).execute();
    return true;
  } catch (error) {
    if (findDuplicateKey(error) === 'PRIMARY') return false;
    throw error;
  }
}

async function listByPosition(
  database: MysqlDatabase,
  positionId: PositionId,
): Promise<readonly Order[]> {
  const rows = await database.run((queries) =>
    queries
      .selectFrom('orders')
      .selectAll()
      .where('position_id', '=', positionId)
      .orderBy('created_at_ms')
      .orderBy('id')
      .execute(),
  );
  return rows.map(readOrder);
}

async function listWorking(
  database: MysqlDatabase,
  accountId: AccountId,
): Promise<readonly Order[]> {
  const rows = await database.run((queries) =>
    queries
      .selectFrom('orders')
      .selectAll()
      .where('account_id', '=', accountId)
      .where('is_working', '=', 1)
      .orderBy('created_at_ms')
      .orderBy('id')
      .execute(),
  );
  return rows.map(readOrder);
}

/** Of positions: what reads them has other work to do between two pages. */
const PAGE = 200;

/** From the open positions to their orders, by an index each, so many positions at a time. */
async function listWorkingOfOpen(database: MysqlDatabase): Promise<readonly Order[]> {
  const orders: Order[] = [];
  let after = { createdAtMs: -1, id: '' };
  for (;;) {
    const positions = await listOpenAfter(database, after);
    const last = positions.at(-1);
    if (last === undefined) return orders;
    after = { createdAtMs: last.created_at_ms, id: last.id };
    const ids = positions.map(({ id }) => id);
    const rows = await database.run((queries) =>
      queries
        .selectFrom('orders')
        .selectAll()
        .where('position_id', 'in', ids)
        .where('is_working', '=', 1)
        .orderBy('created_at_ms')
        .orderBy('id')
        .execute(),
    );
    orders.push(...rows.map(readOrder));
    if (positions.length < PAGE) return orders;
  }
}

function listOpenAfter(
  database: MysqlDatabase,
  after: { readonly createdAtMs: number; readonly id: string },
) {
  return database.run((queries) =>
    queries
      .selectFrom('positions')
      .select(['id', 'created_at_ms'])
      .where('is_open', '=', 1)
      .where((where) =>
        where.or([
          where('created_at_ms', '>', after.createdAtMs),
          where.and([where('created_at_ms', '=', after.createdAtMs), where('id', '>', after.id)]),
        ]),
      )
      .orderBy('created_at_ms')
      .orderBy('id')
      .limit(PAGE)
      .execute(),
  );
}

async function list(
  database: MysqlDatabase,
  options: { readonly limit: number; readonly accountId?: AccountId },
): Promise<readonly Order[]> {
  const rows = await database.run((queries) => {
    const all = queries.selectFrom('orders').selectAll();
    const chosen =
      options.accountId === undefined ? all : all.where('account_id', '=', options.accountId);
    return chosen
      .orderBy('created_at_ms', 'desc')
      .orderBy('id', 'desc')
      .limit(options.limit)
      .execute();
  });
  return rows.map(readOrder);
}
