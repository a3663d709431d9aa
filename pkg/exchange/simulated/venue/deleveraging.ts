/**
 * Deleveraging (ADL): what a liquidation could sell to nobody goes to the insurance fund while it bears the loss, then
 * to the customers who won most. Source: the venue's help page "What Is Auto-Deleveraging (ADL)".
 */
import { Decimal } from '#pkg/base';
import { positionAmount, reduces, unrealizedOf } from './accounting.ts';
import { canReduce, fillOrder } from './fills.ts';
import { cancelOrders, openForced } from './forced-orders.ts';
import { moveFund } from './insurance-fund.ts';
import { positionMarginOf } from './margin.ts';
import { isOpen } from './order-checks.ts';
import type { OrderRow, PositionRow } from './rows.ts';
import { meta, nextTradeId, plain, type World } from './world.ts';

/** What the book did not take: the fund takes it while it can bear the loss, then others are deleveraged. */
export function handOver(world: World, order: OrderRow, price: Decimal): void {
  const quantity = canReduce(world, order);
  const { mark } = world.quote(order.symbol);
  const sign = order.side === 'SELL' ? 1 : -1;
  const result = mark.minus(price).times(quantity).times(sign);
  const fund = new Decimal(meta(world).insuranceFund).plus(result);
  if (fund.gte(0)) takeOver(world, order, price);
  else deleverage(world, order, price);
}

/** Closes opposite positions at the bankruptcy price, those with the most profit and leverage first; none at a loss. */
function deleverage(world: World, liquidated: OrderRow, price: Decimal): void {
  let order = liquidated;
  for (const candidate of rankedAgainst(world, liquidated, price)) {
    if (!isOpen(order)) return;
    const held = positionAmount(candidate).abs();
    const quantity = Decimal.min(canReduce(world, order), held);
    if (quantity.lte(0)) break;
    cancelOrders(world, candidate.account, (open) => open.symbol === liquidated.symbol);
    const counter = openForced(world, candidate, {
      id: 'adl_autoclose',
      autoClose: 'ADL',
      price,
      quantity,
    });
    const shared = { price, quantity, tradeId: nextTradeId(world) };
    fillOrder(world, counter, { ...shared, isMaker: true, against: order.orderId });
    order = fillOrder(world, order, { ...shared, isMaker: false, against: counter.orderId });
  }
  if (!isOpen(order)) return;
  // Nobody who won is left on the other side: the fund takes the rest, and goes below zero.
  takeOver(world, order, price);
}

/** The fund takes what is left at the order's price, and gives it on to the market at the mark price. */
function takeOver(world: World, order: OrderRow, price: Decimal): void {
  const taken = canReduce(world, order);
  const { mark } = world.quote(order.symbol);
  const quantity = order.side === 'SELL' ? taken : taken.negated();
  moveFund(world, {
    account: order.account,
    symbol: order.symbol,
    kind: 'TAKEOVER',
    amount: plain(mark.minus(price).times(quantity)),
  });
  const trade = { tradeId: nextTradeId(world), against: undefined };
  fillOrder(world, order, { price, quantity: taken, isMaker: false, ...trade });
}

function rankedAgainst(world: World, order: OrderRow, price: Decimal): readonly PositionRow[] {
  const score = (position: PositionRow): number => {
    const { unrealized, worth, initial } = positionMarginOf(world, position);
    const leverage = worth.div(Decimal.max(initial, '0.00000001')).toNumber();
    const gain = unrealized.div(Decimal.max(worth, '0.00000001')).toNumber();
    return gain > 0 ? gain * leverage : gain / leverage;
  };
  return [...world.state.positionsIn(order.symbol)]
    .filter(
      (position) =>
        position.account !== order.account &&
        unrealizedOf(position, price).gte(0) &&
        reduces(order.side === 'SELL' ? 'BUY' : 'SELL', position.side, positionAmount(position)),
    )
    .toSorted((one, other) => score(other) - score(one));
}
