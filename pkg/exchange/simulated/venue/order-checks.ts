/** What is held against an order before it is accepted: filters, brackets, margin. The first refusal wins. */
import { Decimal } from '#pkg/base';
import { findPosition, positionAmount, reduces, TAKER_FEE } from './accounting.ts';
import { bestPrice } from './book.ts';
import { notionalMaxAt } from './brackets.ts';
import {
  checkNotional,
  checkPercentPrice,
  checkMarketPercentPrice,
  ORDERS_MAX,
} from './filters.ts';
import { exposureOf, marginOf } from './margin.ts';
import { opposite } from './matching.ts';
import { VenueRejection } from './rejection.ts';
import type { AccountRow, OrderRow } from './rows.ts';
import { listedSymbol, listingOf, settingOf, type World } from './world.ts';

/** Throws VenueRejection unless the order may be accepted. */
export function checkOrder(world: World, account: AccountRow, order: OrderRow): void {
  const known = world.state.orderByClientId(account.key, order.clientOrderId);
  if (known !== undefined && isOpen(known)) throw new VenueRejection('-4116');
  checkCount(world, order);
  checkAgainstMark(world, order);
  if (order.reduceOnly) {
    checkReduction(world, order);
    return;
  }
  const quote = world.quote(order.symbol);
  const price = order.type === 'LIMIT' ? new Decimal(order.price) : quote.mark;
  if (!closesHedge(order)) {
    checkNotional(listedSymbol(world, order.symbol), new Decimal(order.quantity), price);
  }
  if (listingOf(world, order.symbol).status !== 'TRADING') throw new VenueRejection('-4140');
  checkOpening(world, account, { order, price, quantity: new Decimal(order.quantity) });
}

/**
 * In hedge mode the side alone says that an order only closes, and `reduceOnly` may not be sent: MIN_NOTIONAL is taken to
 * spare it as it spares reduce-only ones. Assumed; the venue's pages do not say.
 */
export function closesHedge({ side, positionSide }: OrderRow): boolean {
  return positionSide !== 'BOTH' && reduces(side, positionSide, new Decimal(0));
}

export function isOpen(order: OrderRow): boolean {
  return order.status === 'NEW' || order.status === 'PARTIALLY_FILLED';
}

/** Filters that look at the price of now. */
export function checkAgainstMark(
  world: World,
  order: Pick<OrderRow, 'symbol' | 'side' | 'type' | 'price'>,
): void {
  const listed = listedSymbol(world, order.symbol);
  const quote = world.quote(order.symbol);
  if (order.type === 'LIMIT') {
    checkPercentPrice(listed, order.side, new Decimal(order.price), quote);
    return;
  }
  const best = bestPrice(world, listed, opposite(order.side));
  if (best !== undefined) checkMarketPercentPrice(listed, order.side, best, quote);
}

/** Brackets and margin, for the part of an order that opens. */
export function checkOpening(
  world: World,
  account: AccountRow,
  asked: {
    readonly order: OrderRow;
    readonly price: Decimal;
    readonly quantity: Decimal;
    /** What the order itself binds already, when it is amended. */
    readonly bound?: { readonly margin: Decimal; readonly worth: Decimal };
  },
): void {
  const { order, price, quantity, bound } = asked;
  const amount = positionAmount(findPosition(world, account.key, order.symbol, order.positionSide));
  const isReducing = reduces(order.side, order.positionSide, amount);
  const opening = isReducing ? Decimal.max(0, quantity.minus(amount.abs())) : quantity;
  if (opening.lte(0)) return;
  const listed = listedSymbol(world, order.symbol);
  const { leverage } = settingOf(world, account.key, order.symbol);
  const worth = opening.times(price);
  const held = isReducing ? new Decimal(0) : exposureOf(world, order).minus(bound?.worth ?? 0);
  const needed = worth.times(new Decimal(1).div(leverage).plus(TAKER_FEE));
  const free = marginOf(world, account).available.plus(bound?.margin ?? 0);
  if (needed.gt(free)) throw new VenueRejection('-2019');
  if (held.plus(worth).gt(notionalMaxAt(listed, leverage))) throw new VenueRejection('-2027');
}

function checkReduction(world: World, order: OrderRow): void {
  const amount = positionAmount(
    findPosition(world, order.account, order.symbol, order.positionSide),
  );
  const isReducing = !amount.isZero() && reduces(order.side, order.positionSide, amount);
  const isTooMuch = order.positionSide !== 'BOTH' && amount.abs().lt(order.quantity);
  if (!isReducing || isTooMuch) throw new VenueRejection('-2022');
}

function checkCount(world: World, order: OrderRow): void {
  let count = 0;
  for (const open of world.state.openOrdersOf(order.account)) {
    if (open.symbol === order.symbol) count += 1;
  }
  if (count >= ORDERS_MAX) throw new VenueRejection('-2025');
}
