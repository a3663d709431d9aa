/** Plain orders: place, cancel, look up. Client ids are unique among open orders only. */
import { emitOrder } from './frames.ts';
import { endOrder } from './fills.ts';
import { canFillWhole, crosses, takeLiquidity } from './matching.ts';
import { checkOrder, isOpen } from './order-checks.ts';
import { parseOrder } from './order-parsing.ts';
import { optionalInteger, optionalText, text, type Parameters } from './parameters.ts';
import { missing, VenueRejection } from './rejection.ts';
import type { AccountRow, OrderRow } from './rows.ts';
import { listedSymbol, nextNumber, type World } from './world.ts';

const GTC_MS = 365 * 86_400_000;

/** Places one order; returns it as it stands after matching. */
export function placeOrder(world: World, account: AccountRow, parameters: Parameters): OrderRow {
  return acceptOrder(world, examineOrder(world, account, parameters));
}

/** Returns the order that placing would accept; throws VenueRejection as placing would. */
export function examineOrder(world: World, account: AccountRow, parameters: Parameters): OrderRow {
  const order = parseOrder(world, account, parameters);
  checkOrder(world, account, order);
  if (order.type === 'LIMIT') {
    if (order.timeInForce === 'GTX' && crosses(world, order)) throw new VenueRejection('-5022');
    if (order.timeInForce === 'FOK' && !canFillWhole(world, order)) {
      throw new VenueRejection('-5021');
    }
  }
  return order;
}

/** Writes an order that passed every check and matches it. */
function acceptOrder(world: World, checked: OrderRow): OrderRow {
  const statistics = world.state.statistics();
  const isDuplicate =
    world.state.orderByClientId(checked.account, checked.clientOrderId) !== undefined;
  world.state.count({
    ordersAccepted: statistics.ordersAccepted + 1,
    duplicateClientOrderIds: statistics.duplicateClientOrderIds + (isDuplicate ? 1 : 0),
  });
  return enterOrder(world, checked);
}

/** Gives an order its number and its rank, and lets it meet the book. */
export function enterOrder(world: World, checked: OrderRow): OrderRow {
  const order: OrderRow = {
    ...checked,
    orderId: nextNumber(world, 'lastOrderId'),
    rank: nextNumber(world, 'lastRank'),
  };
  world.state.put('orders', order.orderId, order);
  emitOrder(world, order, 'NEW');
  return settleArrival(world, takeLiquidity(world, order));
}

/** What cannot rest ends: the rest of a market order, of IOC and of FOK. */
export function settleArrival(world: World, order: OrderRow): OrderRow {
  const mayRest =
    order.type === 'LIMIT' && order.timeInForce !== 'IOC' && order.timeInForce !== 'FOK';
  if (!isOpen(order) || mayRest) return order;
  return endOrder(world, order, 'EXPIRED', order.type === 'MARKET' ? 'marketRest' : 'iocRest');
}

/** Returns the order that `orderId` or `origClientOrderId` names; the newest one of an id that was used again. */
export function findOrder(
  world: World,
  account: AccountRow,
  parameters: Parameters,
): OrderRow | undefined {
  const listed = listedSymbol(world, text(parameters, 'symbol'));
  const orderId = optionalInteger(parameters, 'orderId');
  const id = optionalText(parameters, 'origClientOrderId');
  if (orderId === undefined && id === undefined) missing('orderId');
  const order =
    orderId === undefined
      ? world.state.orderByClientId(account.key, id ?? '')
      : world.state.get('orders', orderId);
  if (order?.account !== account.key || order.symbol !== listed.symbol) return undefined;
  return order;
}

/** Returns the order, or throws -2013. */
export function queryOrder(world: World, account: AccountRow, parameters: Parameters): OrderRow {
  const order = findOrder(world, account, parameters);
  if (order === undefined) throw new VenueRejection('-2013');
  return order;
}

/** Cancels a working order, or throws -2011. */
export function cancelOrder(world: World, account: AccountRow, parameters: Parameters): OrderRow {
  const order = findOrder(world, account, parameters);
  if (order === undefined || !isOpen(order)) throw new VenueRejection('-2011');
  return endOrder(world, order, 'CANCELED');
}

/** Cancels every working plain order of a symbol; conditional orders stay. */
export function cancelOrdersIn(world: World, account: string, symbol: string): void {
  for (const order of world.state.openOrdersOf(account).toArray()) {
    if (order.symbol === symbol) endOrder(world, order, 'CANCELED');
  }
}

/** Ends GTD orders whose date has passed, and GTC orders after a year. Source: the page "Public Endpoints Info". */
export function expireOrders(world: World, symbol: string): void {
  for (const order of world.state.openOrdersIn(symbol).toArray()) {
    const endsAtMs = order.goodTillMs > 0 ? order.goodTillMs : order.createdAtMs + GTC_MS;
    if (endsAtMs <= world.nowMs) endOrder(world, order, 'EXPIRED');
  }
}
