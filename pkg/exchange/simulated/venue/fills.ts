/** One fill of one order, and the end of an order: rows, money, frames, and what a flat position leaves behind. */
import { Decimal } from '#pkg/base';
import {
  applyFill,
  findPosition,
  positionAmount,
  reduces,
  type Fill,
  type FillResult,
} from './accounting.ts';
import { emitAccount, emitAlgo, emitOrder, type ExpiryReason } from './frames.ts';
import { coverIsolated, forgiveDebt } from './insurance-fund.ts';
import { noteFill, noteProtection } from './protection.ts';
import type { AlgoRow, OrderRow, TradeRow } from './rows.ts';
import { plain, type World } from './world.ts';

export interface Execution {
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly isMaker: boolean;
  readonly tradeId: number;
  /** The other customer's order; undefined against the market. */
  readonly against: number | undefined;
}

/** Returns how much of what is open an order may still trade: at most down to flat where it may only reduce. */
export function canReduce(world: World, order: OrderRow): Decimal {
  const open = new Decimal(order.quantity).minus(order.executed);
  const position = findPosition(world, order.account, order.symbol, order.positionSide);
  const amount = positionAmount(position);
  const isReducing = reduces(order.side, order.positionSide, amount);
  const mayOnlyReduce = order.reduceOnly || (order.positionSide !== 'BOTH' && isReducing);
  if (!mayOnlyReduce) return open;
  return isReducing ? Decimal.min(open, amount.abs()) : new Decimal(0);
}

/** Fills a part of an order. Returns the order afterwards; one that could only reduce ends when nothing is held. */
export function fillOrder(world: World, order: OrderRow, execution: Execution): OrderRow {
  const position = findPosition(world, order.account, order.symbol, order.positionSide);
  const fill: Fill = { order, ...execution };
  const result = applyFill(world, fill, execution.tradeId);
  const trade = recordTrade(world, fill, result, execution);
  const executed = new Decimal(order.executed).plus(execution.quantity);
  const filled: OrderRow = {
    ...order,
    executed: executed.toFixed(),
    quote: plain(new Decimal(order.quote).plus(execution.price.times(execution.quantity))),
    status: executed.gte(order.quantity) ? 'FILLED' : 'PARTIALLY_FILLED',
    updatedAtMs: world.nowMs,
  };
  world.state.put('orders', filled.orderId, filled);
  noteFill(world, { order: filled, before: position, after: result.position });
  const change = { positions: [result.position], balanceChange: '0' };
  emitAccount(
    world,
    order.account,
    order.autoClose === 'SETTLEMENT' ? 'ADJUSTMENT' : 'ORDER',
    change,
  );
  emitOrder(world, filled, order.autoClose === '' ? 'TRADE' : 'CALCULATED', { trade });
  // A liquidation settles with the fund by itself, over all its fills.
  if (order.autoClose !== 'LIQUIDATION') coverIsolated(world, position, fill, result);
  if (filled.status === 'FILLED') finishAlgoOf(world, filled);
  if (!positionAmount(result.position).isZero()) return filled;
  endOrphans(world, filled);
  forgiveDebt(world, result.position);
  const mayGoOn = filled.status === 'PARTIALLY_FILLED' && canReduce(world, filled).gt(0);
  return filled.status === 'FILLED' || mayGoOn
    ? filled
    : endOrder(world, filled, 'EXPIRED', 'reduced');
}

/** Ends a working order without a trade, and says why where it was not the customer. */
export function endOrder(
  world: World,
  order: OrderRow,
  status: 'CANCELED' | 'EXPIRED' | 'EXPIRED_IN_MATCH',
  reason: ExpiryReason = 'none',
): OrderRow {
  const ended: OrderRow = { ...order, status, updatedAtMs: world.nowMs };
  world.state.put('orders', ended.orderId, ended);
  emitOrder(world, ended, status === 'CANCELED' ? 'CANCELED' : 'EXPIRED', { reason });
  finishAlgoOf(world, ended);
  return ended;
}

/** A triggered conditional order is finished when the order that it became has ended. */
function finishAlgoOf(world: World, order: OrderRow): void {
  const algo = order.algoId === undefined ? undefined : world.state.get('algos', order.algoId);
  if (algo?.status !== 'TRIGGERED') return;
  const finished: AlgoRow = { ...algo, status: 'FINISHED', updatedAtMs: world.nowMs };
  world.state.put('algos', finished.algoId, finished);
  emitAlgo(world, finished, order);
  noteProtection(world, finished);
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
    if (order.reduceOnly || closesHedge) endOrder(world, order, 'EXPIRED', 'reduced');
  }
}

function recordTrade(
  world: World,
  fill: Fill,
  result: FillResult,
  { tradeId, against }: Execution,
): TradeRow {
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
    against,
    atMs: world.nowMs,
  };
  world.state.put('trades', `${tradeId}|${order.orderId}`, trade);
  return trade;
}
