import {
  isTerminalOrderStatus,
  type AccountId,
  type ClientOrderId,
  type Order,
  type OrderId,
  type PositionId,
} from '#pkg/domain';
import { StoreConflictError } from '../errors.ts';
import {
  acknowledgedOrder,
  mergeReport,
  plannedOrder,
  settledOrder,
  signableOrder,
} from '../rules/order-rules.ts';
import type { PositionStore } from '../position-store.ts';
import type { NewOrder, OrderStore } from '../store.ts';
import { orderBy } from './order-by.ts';

const oldestFirst = orderBy<Order>(
  (order) => order.createdAtMs,
  (order) => order.id,
);

/** Returns orders in memory. */
export function createMemoryOrderStore(positions: Pick<PositionStore, 'listOpen'>): OrderStore {
  const rows = createOrderRows();
  const change = (
    orderId: OrderId,
    decide: (order: Order) => Order | undefined,
  ): { readonly before: Order; readonly after: Order } | undefined => {
    const before = rows.find(orderId);
    const after = before === undefined ? undefined : decide(before);
    if (before === undefined || after === undefined) return undefined;
    rows.put(after);
    return { before, after };
  };
  return {
    plan: async (planned) => {
      const missing = planned.filter((order) => rows.find(order.id) === undefined);
      rows.assertUnique(missing);
      for (const order of missing) rows.add(plannedOrder(order));
    },
    find: async (orderId) => rows.find(orderId),
    findByClientOrderId: async (accountId, clientOrderId) =>
      rows.findNamed(clientNameOf(accountId, clientOrderId)),
    listByPosition: async (positionId) => rows.ofPosition(positionId),
    listWorking: async (accountId) =>
      rows.working().filter((order) => order.accountId === accountId),
    listWorkingOfOpen: async () => {
      const open = new Set((await positions.listOpen()).map((position) => position.id));
      return rows.working().filter((order) => open.has(order.positionId));
    },
    list: async ({ limit, accountId }) =>
      rows
        .all()
        .filter((order) => accountId === undefined || order.accountId === accountId)
        .toReversed()
        .slice(0, limit),
    allowSigning: async (orderId, options) =>
      change(orderId, (order) => signableOrder(order, options))?.after,
    applyReport: async (orderId, report, nowMs, acknowledged) =>
      change(orderId, (order) =>
        mergeReport(
          acknowledged === undefined ? order : acknowledgedOrder(order, acknowledged, nowMs),
          report,
          nowMs,
        ),
      ),
    settleUnknown: async (orderId, status, nowMs) => {
      change(orderId, (order) => settledOrder(order, status, nowMs));
    },
    acknowledge: async (orderId, reference, nowMs) => {
      change(orderId, (order) => acknowledgedOrder(order, reference, nowMs));
    },
    markFillHandled: async (orderIds, nowMs) => {
      for (const orderId of orderIds) {
        change(orderId, (order) =>
          order.fillHandled ? order : { ...order, fillHandled: true, updatedAtMs: nowMs },
        );
      }
    },
  };
}

/** Orders with their indexes: by position, by the names that are unique, and those that may still fill. */
function createOrderRows() {
  const orders = new Map<OrderId, Order>();
  const byPosition = new Map<PositionId, Set<OrderId>>();
  const byName = new Map<string, OrderId>();
  const working = new Set<OrderId>();

  const put = (order: Order): void => {
    orders.set(order.id, order);
    if (isTerminalOrderStatus(order.status)) working.delete(order.id);
    else working.add(order.id);
  };
  const add = (order: Order): void => {
    put(order);
    const others = byPosition.get(order.positionId) ?? new Set();
    byPosition.set(order.positionId, others.add(order.id));
    for (const name of namesOf(order)) byName.set(name, order.id);
  };
  const listed = (ids: Iterable<OrderId>): readonly Order[] =>
    [...ids].flatMap((orderId) => orders.get(orderId) ?? []).toSorted(oldestFirst);
  return {
    put,
    add,
    find: (orderId: OrderId) => orders.get(orderId),
    findNamed: (name: string) => {
      const orderId = byName.get(name);
      return orderId === undefined ? undefined : orders.get(orderId);
    },
    ofPosition: (positionId: PositionId) => listed(byPosition.get(positionId) ?? []),
    working: () => listed(working),
    all: () => listed(orders.keys()),
    assertUnique: (added: readonly NewOrder[]): void => {
      const names = new Set<string>();
      for (const order of added) {
        for (const name of namesOf(order)) {
          if (byName.has(name) || names.has(name)) {
            throw new StoreConflictError({ fields: { key: name, orderId: order.id } });
          }
          names.add(name);
        }
      }
    },
  };
}

/** The unique indexes of the table: client id within the account, one replacement for each order. */
function namesOf(order: Order | NewOrder): readonly string[] {
  const own = clientNameOf(order.accountId, order.clientOrderId);
  const { replacesOrderId } = order;
  return replacesOrderId === undefined ? [own] : [own, `replaces ${replacesOrderId}`];
}

function clientNameOf(accountId: AccountId, clientOrderId: ClientOrderId): string {
  return `${accountId} client ${clientOrderId}`;
}
