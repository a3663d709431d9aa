/** Plain orders: place, amend, cancel, look up. Client ids are unique among open orders only. */
import { Decimal } from '#pkg/base';
import { findPosition, marginOf, positionAmount, reduces, TAKER_FEE } from './accounting.ts';
import { checkNotional, checkPercentPrice, checkPrice, checkQuantity } from './filters.ts';
import { emitOrder } from './frames.ts';
import { crosses, endOrder, fillOrder, takerPrice } from './matching.ts';
import {
  clientId,
  decimal,
  oneOf,
  optionalBoolean,
  optionalInteger,
  optionalOneOf,
  optionalText,
  text,
  type Parameters,
} from './parameters.ts';
import { noteAmendment } from './protection.ts';
import { missing, VenueRejection } from './rejection.ts';
import type { AccountRow, OrderRow, PositionSide, Side, TimeInForce } from './rows.ts';
import { listedSymbol, nextNumber, settingOf, type World } from './world.ts';

const CONDITIONAL_TYPES = [
  'STOP',
  'STOP_MARKET',
  'TAKE_PROFIT',
  'TAKE_PROFIT_MARKET',
  'TRAILING_STOP_MARKET',
];
const TIMES_IN_FORCE = ['GTC', 'IOC', 'FOK', 'GTX'] as const;

/** Places one order; returns it as it stands after matching. */
export function placeOrder(world: World, account: AccountRow, parameters: Parameters): OrderRow {
  const order = parseOrder(world, account, parameters);
  checkOrder(world, account, order);
  if (order.type === 'LIMIT') {
    if (order.timeInForce === 'GTX' && crosses(world, order)) throw new VenueRejection('-5022');
    if (order.timeInForce === 'FOK' && !crosses(world, order)) throw new VenueRejection('-5021');
  }
  return acceptOrder(world, order, order.type === 'MARKET' || crosses(world, order));
}

/** Writes an order that passed every check and matches it. */
function acceptOrder(world: World, checked: OrderRow, isMarketable: boolean): OrderRow {
  const statistics = world.state.statistics();
  const isDuplicate =
    world.state.orderByClientId(checked.account, checked.clientOrderId) !== undefined;
  world.state.count({
    ordersAccepted: statistics.ordersAccepted + 1,
    duplicateClientOrderIds: statistics.duplicateClientOrderIds + (isDuplicate ? 1 : 0),
  });
  const order: OrderRow = { ...checked, orderId: nextNumber(world, 'lastOrderId') };
  world.state.put('orders', order.orderId, order);
  emitOrder(world, order, 'NEW');
  if (isMarketable) {
    return fillOrder(world, order, { price: takerPrice(world, order), isMaker: false });
  }
  return order.timeInForce === 'IOC' ? endOrder(world, order, 'EXPIRED') : order;
}

function parseOrder(world: World, account: AccountRow, parameters: Parameters): OrderRow {
  const listed = listedSymbol(world, text(parameters, 'symbol'));
  const side = oneOf(parameters, 'side', ['BUY', 'SELL'], '-1117');
  const typeText = text(parameters, 'type');
  if (CONDITIONAL_TYPES.includes(typeText)) throw new VenueRejection('-4120');
  const type = oneOf(parameters, 'type', ['LIMIT', 'MARKET'], '-1116');
  const timeInForce: TimeInForce =
    type === 'LIMIT' ? oneOf(parameters, 'timeInForce', TIMES_IN_FORCE, '-1115') : 'GTC';
  const quantity = decimal(parameters, 'quantity');
  checkQuantity(listed, quantity, type);
  const price = type === 'LIMIT' ? decimal(parameters, 'price') : new Decimal(0);
  if (type === 'LIMIT') checkPrice(listed, price);
  const positionSide = parsePositionSide(account, parameters);
  return {
    orderId: 0,
    account: account.key,
    symbol: listed.symbol,
    clientOrderId: clientId(parameters, 'newClientOrderId', () => venueClientId(world)),
    side,
    positionSide,
    type,
    origType: type,
    timeInForce,
    price: price.toFixed(),
    quantity: quantity.toFixed(),
    executed: '0',
    quote: '0',
    status: 'NEW',
    reduceOnly: parseReduceOnly(account, parameters) || isClosingSide(side, positionSide),
    closePosition: false,
    algoId: undefined,
    createdAtMs: world.nowMs,
    updatedAtMs: world.nowMs,
  };
}

/** In hedge mode the venue marks an order that closes its side as reduce-only by itself. */
function isClosingSide(side: Side, positionSide: PositionSide): boolean {
  return positionSide !== 'BOTH' && reduces(side, positionSide, new Decimal(0));
}

/** Hedge mode demands LONG or SHORT, one-way mode BOTH or nothing. */
export function parsePositionSide(account: AccountRow, parameters: Parameters): PositionSide {
  const side = optionalOneOf(parameters, 'positionSide', ['BOTH', 'LONG', 'SHORT']) ?? 'BOTH';
  if ((side !== 'BOTH') !== account.isHedge) throw new VenueRejection('-4061');
  return side;
}

/** In hedge mode reduceOnly must not be sent. */
export function parseReduceOnly(account: AccountRow, parameters: Parameters): boolean {
  const reduceOnly = optionalBoolean(parameters, 'reduceOnly');
  if (reduceOnly !== undefined && account.isHedge) {
    throw new VenueRejection('-1106', "Parameter 'reduceonly' sent when not required.");
  }
  return reduceOnly ?? false;
}

function venueClientId(world: World): string {
  return `v${world.nowMs.toString(36)}${world.state.statistics().ordersAccepted.toString(36)}`;
}

function checkOrder(world: World, account: AccountRow, order: OrderRow): void {
  const quote = world.quote(order.symbol);
  const open = openByClientId(world, account.key, order.clientOrderId);
  if (open !== undefined) throw new VenueRejection('-4116');
  if (order.type === 'LIMIT') {
    const listed = listedSymbol(world, order.symbol);
    checkPercentPrice(listed, order.side, new Decimal(order.price), quote);
  }
  const position = findPosition(world, account.key, order.symbol, order.positionSide);
  const amount = positionAmount(position);
  if (order.reduceOnly) {
    const isReducing = !amount.isZero() && reduces(order.side, order.positionSide, amount);
    const isTooMuch = order.positionSide !== 'BOTH' && amount.abs().lt(order.quantity);
    if (!isReducing || isTooMuch) throw new VenueRejection('-2022');
    return;
  }
  const price = order.type === 'LIMIT' ? new Decimal(order.price) : quote.mark;
  const quantity = new Decimal(order.quantity);
  checkNotional(quantity, price);
  const opening = reduces(order.side, order.positionSide, amount)
    ? Decimal.max(0, quantity.minus(amount.abs()))
    : quantity;
  const { leverage } = settingOf(world, account.key, order.symbol);
  const needed = opening.times(price).times(new Decimal(1).div(leverage).plus(TAKER_FEE));
  if (needed.gt(marginOf(world, account).available)) throw new VenueRejection('-2019');
}

function openByClientId(world: World, account: string, id: string): OrderRow | undefined {
  const newest = world.state.orderByClientId(account, id);
  if (newest === undefined || !isOpen(newest)) return undefined;
  return newest;
}

function isOpen(order: OrderRow): boolean {
  return order.status === 'NEW' || order.status === 'PARTIALLY_FILLED';
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
export function cancelAllOrders(world: World, account: AccountRow, parameters: Parameters): void {
  const listed = listedSymbol(world, text(parameters, 'symbol'));
  for (const order of world.state.openOrdersOf(account.key).toArray()) {
    if (order.symbol === listed.symbol) endOrder(world, order, 'CANCELED');
  }
}

/** Changes price and quantity of a working limit order, which then may trade at once. */
export function modifyOrder(world: World, account: AccountRow, parameters: Parameters): OrderRow {
  const listed = listedSymbol(world, text(parameters, 'symbol'));
  const side = oneOf(parameters, 'side', ['BUY', 'SELL'], '-1117');
  const quantity = decimal(parameters, 'quantity');
  const price = decimal(parameters, 'price');
  checkQuantity(listed, quantity, 'LIMIT');
  checkPrice(listed, price);
  const order = findOrder(world, account, parameters);
  if (order === undefined || !isOpen(order) || order.type !== 'LIMIT') {
    throw new VenueRejection('-2013');
  }
  if (order.side !== side) throw new VenueRejection('-1117');
  if (quantity.eq(order.quantity) && price.eq(order.price)) throw new VenueRejection('-5027');
  checkPercentPrice(listed, side, price, world.quote(listed.symbol));
  const position = findPosition(world, account.key, order.symbol, order.positionSide);
  if (order.reduceOnly && order.positionSide !== 'BOTH') {
    const held = positionAmount(position).abs().plus(order.executed);
    if (held.lt(quantity)) throw new VenueRejection('-2022');
  }
  if (!order.reduceOnly) checkNotional(quantity, price);
  if (quantity.lte(order.executed)) return endOrder(world, order, 'CANCELED');
  const amended: OrderRow = {
    ...order,
    price: price.toFixed(),
    quantity: quantity.toFixed(),
    updatedAtMs: world.nowMs,
  };
  world.state.put('orders', amended.orderId, amended);
  emitOrder(world, amended, 'AMENDMENT');
  if (position !== undefined) noteAmendment(world, amended, position);
  if (!crosses(world, amended)) return amended;
  if (amended.timeInForce === 'GTX') return endOrder(world, amended, 'EXPIRED');
  return fillOrder(world, amended, { price: takerPrice(world, amended), isMaker: false });
}
