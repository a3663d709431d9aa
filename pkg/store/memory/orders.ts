import { isTerminalOrderStatus, type Order, type OrderId } from '#pkg/domain';
import { StoreConflictError } from '../errors.ts';
import {
  acknowledgedOrder,
  mergeReport,
  plannedOrder,
  settledOrder,
  signableOrder,
} from '../rules/order-rules.ts';
import type { NewOrder, OrderStore, PositionStore } from '../store.ts';
import { orderBy } from './order-by.ts';

/** Returns orders in memory. */
export function createMemoryOrderStore(positions: Pick<PositionStore, 'listOpen'>): OrderStore {
  const orders = new Map<OrderId, Order>();
  const sorted = (): readonly Order[] =>
    [...orders.values()].toSorted(
      orderBy(
        (order) => order.createdAtMs,
        (order) => order.id,
      ),
    );
  const change = (
    orderId: OrderId,
    decide: (order: Order) => Order | undefined,
  ): { readonly before: Order; readonly after: Order } | undefined => {
    const before = orders.get(orderId);
    const after = before === undefined ? undefined : decide(before);
    if (before === undefined || after === undefined) return undefined;
    orders.set(orderId, after);
    return { before, after };
  };
  return {
    plan: async (planned) => {
      const missing = planned.filter((order) => !orders.has(order.id));
      assertUnique([...orders.values(), ...missing]);
      for (const order of missing) orders.set(order.id, plannedOrder(order));
    },
    find: async (orderId) => orders.get(orderId),
    findByClientOrderId: async (accountId, clientOrderId) =>
      [...orders.values()].find(
        (order) => order.accountId === accountId && order.clientOrderId === clientOrderId,
      ),
    listByPosition: async (positionId) =>
      sorted().filter((order) => order.positionId === positionId),
    listWorking: async (accountId) =>
      sorted().filter(
        (order) => order.accountId === accountId && !isTerminalOrderStatus(order.status),
      ),
    listWorkingOfOpen: async () => {
      const open = new Set((await positions.listOpen()).map((position) => position.id));
      return sorted().filter(
        (order) => open.has(order.positionId) && !isTerminalOrderStatus(order.status),
      );
    },
    list: async ({ limit, accountId }) =>
      sorted()
        .filter((order) => accountId === undefined || order.accountId === accountId)
        .toReversed()
        .slice(0, limit),
    allowSigning: async (orderId, options) =>
      change(orderId, (order) => signableOrder(order, options))?.after,
    applyReport: async (orderId, report, nowMs) =>
      change(orderId, (order) => mergeReport(order, report, nowMs)),
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

/** The unique indexes of the table: client id within the account, one replacement for each order. */
function assertUnique(orders: readonly (Order | NewOrder)[]): void {
  const keys = new Set<string>();
  for (const order of orders) {
    const own = [`${order.accountId} client ${order.clientOrderId}`];
    if (order.replacesOrderId !== undefined) own.push(`replaces ${order.replacesOrderId}`);
    for (const key of own) {
      if (keys.has(key)) throw new StoreConflictError({ fields: { key, orderId: order.id } });
      keys.add(key);
    }
  }
}
