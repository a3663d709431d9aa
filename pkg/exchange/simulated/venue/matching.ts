/**
 * Execution: a price meets orders.
 *
 * The book is endless at bid and ask: an order fills whole. A resting limit order fills at its own price as
 * maker; what crosses on arrival fills at the touch as taker. A reducing order never turns a position.
 */
import { Decimal } from '#pkg/base';
import {
  applyFill,
  findPosition,
  positionAmount,
  reduces,
  type Fill,
  type FillResult,
} from './accounting.ts';
import { emitAccount, emitAlgo, emitOrder } from './frames.ts';
import { noteFill, noteProtection } from './protection.ts';
import type { AlgoRow, OrderRow, TradeRow } from './rows.ts';
import { nextNumber, plain, type World } from './world.ts';

/** Would a limit order at this price trade at once? */
export function crosses(world: World, order: Pick<OrderRow, 'symbol' | 'side' | 'price'>): boolean {
  const { bid, ask } = world.quote(order.symbol);
  return order.side === 'BUY' ? ask.lte(order.price) : bid.gte(order.price);
}

/** The touch that a taker on this side pays. */
export function takerPrice(world: World, order: Pick<OrderRow, 'symbol' | 'side'>): Decimal {
  const { bid, ask } = world.quote(order.symbol);
  return order.side === 'BUY' ? ask : bid;
}

/** Fills what is open of an order, at most down to flat where it may only reduce. Returns the order afterwards. */
export function fillOrder(
  world: World,
  order: OrderRow,
  options: { readonly price: Decimal; readonly isMaker: boolean },
): OrderRow {
  const position = findPosition(world, order.account, order.symbol, order.positionSide);
  const amount = positionAmount(position);
  const isReducing = reduces(order.side, order.positionSide, amount);
  const open = new Decimal(order.quantity).minus(order.executed);
  const mayOnlyReduce = order.reduceOnly || (order.positionSide !== 'BOTH' && isReducing);
  const quantity = mayOnlyReduce ? Decimal.min(open, isReducing ? amount.abs() : 0) : open;
  if (quantity.lte(0)) return endOrder(world, order, 'EXPIRED');
  const fill: Fill = { order, quantity, ...options };
  const tradeId = nextNumber(world, 'lastTradeId');
  const result = applyFill(world, fill, tradeId);
  const trade = recordTrade(world, fill, result, tradeId);
  const executed = new Decimal(order.executed).plus(quantity);
  const filled: OrderRow = {
    ...order,
    executed: executed.toFixed(),
    quote: plain(new Decimal(order.quote).plus(options.price.times(quantity))),
    status: executed.gte(order.quantity) ? 'FILLED' : 'PARTIALLY_FILLED',
    updatedAtMs: world.nowMs,
  };
  world.state.put('orders', filled.orderId, filled);
  noteFill(world, { order: filled, before: position, after: result.position });
  emitAccount(world, order.account, 'ORDER', { positions: [result.position], balanceChange: '0' });
  emitOrder(world, filled, 'TRADE', trade);
  if (positionAmount(result.position).isZero()) endOrphans(world, filled);
  if (filled.status === 'PARTIALLY_FILLED') return endOrder(world, filled, 'EXPIRED');
  return filled;
}

/** Ends a working order without a trade. */
export function endOrder(world: World, order: OrderRow, status: 'CANCELED' | 'EXPIRED'): OrderRow {
  const ended: OrderRow = { ...order, status, updatedAtMs: world.nowMs };
  world.state.put('orders', ended.orderId, ended);
  emitOrder(world, ended, status);
  return ended;
}

/** Ends a working conditional order. */
export function endAlgo(
  world: World,
  algo: AlgoRow,
  status: 'CANCELED' | 'EXPIRED' | 'REJECTED',
  rejectReason = '',
): AlgoRow {
  const ended: AlgoRow = { ...algo, status, rejectReason, updatedAtMs: world.nowMs };
  world.state.put('algos', ended.algoId, ended);
  emitAlgo(world, ended);
  noteProtection(world, ended);
  return ended;
}

/** A flat position leaves nothing that could only have reduced it. */
function endOrphans(world: World, filled: OrderRow): void {
  const { account, symbol, positionSide } = filled;
  for (const algo of world.state.openAlgosOf(account).toArray()) {
    if (algo.symbol !== symbol || algo.positionSide !== positionSide) continue;
    if (algo.closePosition || algo.reduceOnly) endAlgo(world, algo, 'EXPIRED');
  }
  for (const order of world.state.openOrdersOf(account).toArray()) {
    if (order.orderId === filled.orderId) continue;
    if (order.symbol !== symbol || order.positionSide !== positionSide) continue;
    const closesHedge =
      positionSide !== 'BOTH' && reduces(order.side, positionSide, new Decimal(0));
    if (order.reduceOnly || closesHedge) endOrder(world, order, 'EXPIRED');
  }
}

function recordTrade(world: World, fill: Fill, result: FillResult, tradeId: number): TradeRow {
  const { order } = fill;
  const trade: TradeRow = {
    tradeId,
    orderId: order.orderId,
    account: order.account,
    symbol: order.symbol,
    side: order.side,
    positionSide: order.positionSide,
    price: fill.price.toFixed(),
    quantity: fill.quantity.toFixed(),
    quote: plain(fill.price.times(fill.quantity)),
    fee: plain(result.fee),
    realized: plain(result.realized),
    isMaker: fill.isMaker,
    atMs: world.nowMs,
  };
  world.state.put('trades', tradeId, trade);
  return trade;
}
