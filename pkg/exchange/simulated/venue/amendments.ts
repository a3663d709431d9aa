/**
 * Changing a working limit order, which then stands last in its queue and may trade at once.
 *
 * Source: the venue's page "Modify Order": both price and quantity; LIMIT only; a quantity of no more than
 * what has traded cancels, and so does a post-only order that would now take; at most 10,000 changes.
 */
import { Decimal } from '#pkg/base';
import { findPosition, positionAmount } from './accounting.ts';
import { checkNotional, checkPrice, checkQuantity } from './filters.ts';
import { endOrder } from './fills.ts';
import { emitOrder } from './frames.ts';
import { orderMarginOf } from './margin.ts';
import { crosses, takeLiquidity } from './matching.ts';
import { checkAgainstMark, checkOpening, closesHedge, isOpen } from './order-checks.ts';
import { parsePrice } from './order-parsing.ts';
import { findOrder, settleArrival } from './orders.ts';
import { decimal, oneOf, optionalInteger, text, type Parameters } from './parameters.ts';
import { noteAmendment } from './protection.ts';
import { VenueRejection } from './rejection.ts';
import type { AccountRow, AmendmentRow, OrderRow } from './rows.ts';
import { listedSymbol, listingOf, nextNumber, type World } from './world.ts';

const AMENDMENTS_MAX = 10_000;
const ROWS_DEFAULT = 50;
const ROWS_MAX = 100;

/** Changes price and quantity of a working limit order. */
export function modifyOrder(world: World, account: AccountRow, parameters: Parameters): OrderRow {
  const listed = listedSymbol(world, text(parameters, 'symbol'));
  const side = oneOf(parameters, 'side', ['BUY', 'SELL'], '-1117');
  const quantity = decimal(parameters, 'quantity');
  const { price, priceMatch } = parsePrice(world, listed, parameters, { type: 'LIMIT', side });
  checkQuantity(listed, quantity, 'LIMIT');
  checkPrice(listed, price);
  const order = findOrder(world, account, parameters);
  if (order === undefined || !isOpen(order)) throw new VenueRejection('-2013');
  if (order.type !== 'LIMIT') throw new VenueRejection('-5025');
  if (order.side !== side) throw new VenueRejection('-1117');
  if (quantity.eq(order.quantity) && price.eq(order.price)) throw new VenueRejection('-5027');
  if (order.amendments >= AMENDMENTS_MAX) throw new VenueRejection('-5026');
  if (listingOf(world, listed.symbol).status !== 'TRADING') throw new VenueRejection('-5024');
  const amended: OrderRow = {
    ...order,
    price: price.toFixed(),
    quantity: quantity.toFixed(),
    priceMatch,
    amendments: order.amendments + 1,
    updatedAtMs: world.nowMs,
  };
  checkAmended(world, account, order, amended);
  recordAmendment(world, order, amended, optionalInteger(parameters, 'modifyId'));
  if (quantity.lte(order.executed)) return endOrder(world, order, 'CANCELED');
  return enterAmended(world, { ...amended, rank: nextNumber(world, 'lastRank') });
}

function checkAmended(world: World, account: AccountRow, order: OrderRow, amended: OrderRow): void {
  checkAgainstMark(world, amended);
  const price = new Decimal(amended.price);
  const quantity = new Decimal(amended.quantity);
  if (!amended.reduceOnly) {
    if (!closesHedge(amended)) {
      checkNotional(listedSymbol(world, amended.symbol), quantity, price, '-5029');
    }
    const open = new Decimal(order.quantity).minus(order.executed);
    checkOpening(world, account, {
      order: amended,
      price,
      quantity: Decimal.max(0, quantity.minus(order.executed)),
      bound: { margin: orderMarginOf(world, order), worth: open.times(order.price) },
    });
    return;
  }
  if (amended.positionSide === 'BOTH') return;
  const position = findPosition(world, account.key, order.symbol, order.positionSide);
  const held = positionAmount(position).abs().plus(order.executed);
  if (held.lt(quantity)) throw new VenueRejection('-2022');
}

function enterAmended(world: World, amended: OrderRow): OrderRow {
  world.state.put('orders', amended.orderId, amended);
  emitOrder(world, amended, 'AMENDMENT');
  const { account, symbol, positionSide } = amended;
  const position = findPosition(world, account, symbol, positionSide);
  if (position !== undefined) noteAmendment(world, amended, position);
  if (!crosses(world, amended)) return amended;
  if (amended.timeInForce === 'GTX') return endOrder(world, amended, 'CANCELED');
  return settleArrival(world, takeLiquidity(world, amended));
}

function recordAmendment(
  world: World,
  before: OrderRow,
  after: OrderRow,
  modifyId: number | undefined,
): void {
  const row: AmendmentRow = {
    amendmentId: nextNumber(world, 'lastAmendmentId'),
    account: before.account,
    symbol: before.symbol,
    orderId: before.orderId,
    clientOrderId: before.clientOrderId,
    priceBefore: before.price,
    priceAfter: after.price,
    quantityBefore: before.quantity,
    quantityAfter: after.quantity,
    count: after.amendments,
    modifyId,
    atMs: world.nowMs,
  };
  world.state.put('amendments', row.amendmentId, row);
}

/** Returns the changes of one order, newest first. Source: the venue's page "Get Order Modify History". */
export function amendmentsOf(
  world: World,
  account: AccountRow,
  parameters: Parameters,
): readonly AmendmentRow[] {
  const order = findOrder(world, account, parameters);
  if (order === undefined) throw new VenueRejection('-2013');
  const startMs = optionalInteger(parameters, 'startTime') ?? 0;
  const endMs = optionalInteger(parameters, 'endTime') ?? Number.POSITIVE_INFINITY;
  const limit = optionalInteger(parameters, 'limit') ?? ROWS_DEFAULT;
  if (limit < 1 || limit > ROWS_MAX) throw new VenueRejection('-1130');
  return [...world.state.rows('amendments')]
    .filter((row) => row.orderId === order.orderId && row.atMs >= startMs && row.atMs <= endMs)
    .toReversed()
    .slice(0, limit);
}
