/**
 * Execution: an order meets the book.
 *
 * A taker walks the opposite side by price, then the market's own offer, then rank, up to its limit. A
 * resting order fills at its own price as maker, as far as the market's offer at that price goes. A reducing
 * order never turns a position. A trade with oneself is prevented as the taker wants it.
 * Source: the venue's "Self Trade Prevention (STP) FAQ" for USD-M futures.
 */
import { Decimal } from '#pkg/base';
import { bestPrice, marketLevels, restingOrders } from './book.ts';
import type { Level } from './depth.ts';
import { canReduce, endOrder, fillOrder } from './fills.ts';
import type { OrderRow, Side } from './rows.ts';
import { listedSymbol, nextTradeId, type World } from './world.ts';

/** A market order trades no farther from the mark price than this part of it (exchangeInfo `marketTakeBound`). */
export const MARKET_TAKE_BOUND = '0.05';

export function opposite(side: Side): Side {
  return side === 'BUY' ? 'SELL' : 'BUY';
}

/** Would a limit order at this price trade at once? */
export function crosses(world: World, order: Pick<OrderRow, 'symbol' | 'side' | 'price'>): boolean {
  const best = bestPrice(world, listedSymbol(world, order.symbol), opposite(order.side));
  if (best === undefined) return false;
  return order.side === 'BUY' ? best.lte(order.price) : best.gte(order.price);
}

/** Might the market's offer reach the price of a resting order? The offer never stands better than the last price. */
export function mayBeReached(order: Pick<OrderRow, 'side' | 'price'>, last: number): boolean {
  const slack = last * 1e-9;
  return order.side === 'BUY'
    ? Number(order.price) >= last - slack
    : Number(order.price) <= last + slack;
}

/** Does the market's own offer reach the price of a resting order? */
export function isReached(world: World, order: OrderRow): boolean {
  const { bid, ask } = world.quote(order.symbol);
  return order.side === 'BUY' ? ask.lte(order.price) : bid.gte(order.price);
}

/** Could an order be filled whole at once? */
export function canFillWhole(world: World, order: OrderRow): boolean {
  let missing = new Decimal(order.quantity);
  for (const maker of makersOf(world, order)) {
    if (maker.account !== order.account) missing = missing.minus(openOf(maker));
  }
  for (const level of levelsWithin(world, order)) {
    if (missing.lte(0)) return true;
    missing = missing.minus(level.quantity);
  }
  return missing.lte(0);
}

/** Lets an arriving order take what it can. Returns it as it stands afterwards: working, ended, or filled. */
export function takeLiquidity(world: World, taker: OrderRow): OrderRow {
  let order = taker;
  while (isWorking(order)) {
    const maker = makersOf(world, order)[0];
    const [level] = levelsWithin(world, order).take(1);
    if (level === undefined && maker === undefined) break;
    const isMakerFirst =
      maker !== undefined && (level === undefined || isBetter(order.side, maker.price, level));
    if (!isMakerFirst && level !== undefined) {
      order = takeLevel(world, order, level);
    } else if (maker !== undefined) {
      order =
        maker.account === order.account && order.selfTradeMode !== 'NONE'
          ? preventSelfTrade(world, order, maker)
          : tradeWith(world, order, maker);
    }
  }
  return order;
}

/** Lets the market's offer fill a resting order, as far as it goes. */
export function fillResting(world: World, resting: OrderRow): OrderRow {
  let order = resting;
  while (isWorking(order)) {
    const [level] = levelsWithin(world, order).take(1);
    if (level === undefined) break;
    const quantity = Decimal.min(level.quantity, canReduce(world, order));
    if (quantity.lte(0)) return endOrder(world, order, 'EXPIRED', 'reduced');
    take(world, order, level.price, quantity);
    const price = new Decimal(order.price);
    order = fillOrder(world, order, { price, quantity, isMaker: true, ...newTrade(world) });
  }
  return order;
}

function takeLevel(world: World, order: OrderRow, level: Level): OrderRow {
  const quantity = Decimal.min(level.quantity, canReduce(world, order));
  if (quantity.lte(0)) return endOrder(world, order, 'EXPIRED', 'reduced');
  take(world, order, level.price, quantity);
  const price = level.price;
  return fillOrder(world, order, { price, quantity, isMaker: false, ...newTrade(world) });
}

function take(world: World, order: OrderRow, price: Decimal, quantity: Decimal): void {
  world.depth.take(order.symbol, opposite(order.side), { price, quantity }, world.nowMs);
}

function tradeWith(world: World, taker: OrderRow, maker: OrderRow): OrderRow {
  const able = canReduce(world, maker);
  if (able.lte(0)) {
    endOrder(world, maker, 'EXPIRED', 'reduced');
    return taker;
  }
  const quantity = Decimal.min(able, canReduce(world, taker));
  if (quantity.lte(0)) return endOrder(world, taker, 'EXPIRED', 'reduced');
  const price = new Decimal(maker.price);
  const { tradeId } = newTrade(world);
  const shared = { price, quantity, tradeId };
  fillOrder(world, maker, { ...shared, isMaker: true, against: taker.orderId });
  // The maker's fill may have ended an order of the taker's account, even this one.
  const current = world.state.get('orders', taker.orderId) ?? taker;
  return fillOrder(world, current, { ...shared, isMaker: false, against: maker.orderId });
}

function preventSelfTrade(world: World, taker: OrderRow, maker: OrderRow): OrderRow {
  const mode = taker.selfTradeMode;
  if (mode !== 'EXPIRE_TAKER') endOrder(world, maker, 'EXPIRED_IN_MATCH', 'selfTrade');
  return mode === 'EXPIRE_MAKER' ? taker : endOrder(world, taker, 'EXPIRED_IN_MATCH', 'selfTrade');
}

function newTrade(world: World): { readonly tradeId: number; readonly against: undefined } {
  return { tradeId: nextTradeId(world), against: undefined };
}

function isWorking(order: OrderRow): boolean {
  return order.status === 'NEW' || order.status === 'PARTIALLY_FILLED';
}

function openOf(order: OrderRow): Decimal {
  return new Decimal(order.quantity).minus(order.executed);
}

/** A customer's order goes first only at a better price than the market's own. */
function isBetter(side: Side, price: string, level: Level): boolean {
  return side === 'BUY' ? level.price.gt(price) : level.price.lt(price);
}

function makersOf(world: World, taker: OrderRow): readonly OrderRow[] {
  const limit = limitOf(world, taker);
  return restingOrders(world, taker.symbol, opposite(taker.side)).filter((maker) =>
    isWithin(taker.side, new Decimal(maker.price), limit),
  );
}

function* levelsWithin(world: World, order: OrderRow): Generator<Level> {
  const limit = limitOf(world, order);
  const listed = listedSymbol(world, order.symbol);
  for (const level of marketLevels(world, listed, opposite(order.side))) {
    if (!isWithin(order.side, level.price, limit)) return;
    yield level;
  }
}

function isWithin(side: Side, price: Decimal, limit: Decimal): boolean {
  return side === 'BUY' ? price.lte(limit) : price.gte(limit);
}

/** The worst price at which an order may trade. */
function limitOf(world: World, order: OrderRow): Decimal {
  if (order.type === 'LIMIT') return new Decimal(order.price);
  const { mark } = world.quote(order.symbol);
  const sign = order.side === 'BUY' ? 1 : -1;
  return mark.times(new Decimal(MARKET_TAKE_BOUND).times(sign).plus(1));
}
