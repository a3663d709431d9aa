/**
 * Liquidation, the insurance fund, and deleveraging.
 *
 * Who has less than the maintenance margin loses open orders first, then positions, the worst first: an IOC
 * order at the bankruptcy price against the book; what the book does not take goes to the insurance fund, and
 * when that is empty to the best-ranked opposite positions (ADL), which pay no fee and lose their open orders.
 * A clearance fee goes to the fund, and the fund makes good what a wallet lacks, so no customer ever owes.
 * Simpler than the venue, which first tries to close a part: a position is closed as a whole.
 * Source: the venue's help pages "Liquidation Protocols" and "What Is Auto-Deleveraging (ADL)"; ids `autoclose-`
 * and `adl_autoclose`, execution CALCULATED: the page "Event: Order Update".
 */
import { Decimal } from '#pkg/base';
import { roughMaintenanceOf } from './brackets.ts';
import { positionAmount, reduces, unrealizedOf } from './accounting.ts';
import { canReduce, endOrder, fillOrder } from './fills.ts';
import { emitMarginCall } from './frames.ts';
import { bankruptcyPriceOf, marginOf, positionMarginOf } from './margin.ts';
import { openForced } from './forced-orders.ts';
import { moveFund, moveInsurance } from './insurance-fund.ts';
import { takeLiquidity } from './matching.ts';
import { isOpen } from './order-checks.ts';
import type { AccountRow, OrderRow, PositionRow } from './rows.ts';
import {
  accountOf,
  listedSymbol,
  meta,
  nextNumber,
  nextTradeId,
  plain,
  settingOf,
  type World,
} from './world.ts';

/** Part of what is liquidated that goes to the insurance fund (exchangeInfo `liquidationFee`). */
export const LIQUIDATION_FEE = '0.012500';
/** Share of the margin from which on the customer is called. */
const CALL_RATIO = 0.8;

/** Looks at every account that holds something, and liquidates those whose margin is gone. */
export function watchMargins(world: World, called: Set<string>): void {
  for (const key of world.state.accountsWithPositions()) {
    const ratio = roughRatioOf(world, key);
    if (ratio < CALL_RATIO) {
      called.delete(key);
      continue;
    }
    if (!called.has(key)) {
      called.add(key);
      callMargin(world, accountOf(world, key));
    }
    liquidateAccount(world, key);
  }
}

/** Maintenance margin over margin, by plain numbers; the worst of the cross margin and each isolated position. */
function roughRatioOf(world: World, key: string): number {
  let [cross, maintenance, worst, apart] = [0, 0, 0, 0];
  for (const position of world.state.positionsOf(key)) {
    const { roughMark } = world.quote(position.symbol);
    const amount = Number(position.amount);
    const gain = (roughMark - Number(position.entryPrice)) * amount;
    const needed = roughMaintenanceOf(
      listedSymbol(world, position.symbol),
      roughMark * Math.abs(amount),
    );
    if (!settingOf(world, key, position.symbol).isIsolated) {
      cross += gain;
      maintenance += needed;
      continue;
    }
    apart += Number(position.isolatedWallet);
    worst = Math.max(worst, ratioOf(needed, Number(position.isolatedWallet) + gain));
  }
  const wallet = Number(accountOf(world, key).wallet) - apart;
  return Math.max(worst, ratioOf(maintenance, wallet + cross));
}

function ratioOf(maintenance: number, equity: number): number {
  if (maintenance <= 0) return 0;
  return equity <= 0 ? Number.POSITIVE_INFINITY : maintenance / equity;
}

function liquidateAccount(world: World, key: string): void {
  for (const position of world.state.positionsOf(key).toArray()) {
    const margin = positionMarginOf(world, position);
    if (!margin.isIsolated) continue;
    const equity = new Decimal(position.isolatedWallet).plus(margin.unrealized);
    if (equity.gt(margin.maintenance)) continue;
    cancelOrders(world, key, (order) => order.symbol === position.symbol);
    liquidate(world, position);
  }
  if (!isCrossGone(world, key)) return;
  cancelOrders(world, key, (order) => !settingOf(world, key, order.symbol).isIsolated);
  for (;;) {
    const worst = worstCross(world, key);
    if (worst === undefined || !isCrossGone(world, key)) return;
    liquidate(world, worst);
  }
}

function isCrossGone(world: World, key: string): boolean {
  const margin = marginOf(world, accountOf(world, key));
  if (margin.crossMaintenance.isZero()) return false;
  return margin.crossWallet.plus(margin.crossUnrealized).lte(margin.crossMaintenance);
}

function worstCross(world: World, key: string): PositionRow | undefined {
  const lossOf = (position: PositionRow): number =>
    positionMarginOf(world, position).unrealized.toNumber();
  return [...world.state.positionsOf(key)]
    .filter((position) => !settingOf(world, key, position.symbol).isIsolated)
    .toSorted((one, other) => lossOf(one) - lossOf(other))[0];
}

function cancelOrders(world: World, key: string, isMeant: (order: OrderRow) => boolean): void {
  for (const order of world.state.openOrdersOf(key).toArray()) {
    if (isMeant(order)) endOrder(world, order, 'EXPIRED', 'liquidation');
  }
}

function liquidate(world: World, position: PositionRow): void {
  const account = accountOf(world, position.account);
  const limit = roundToTick(world, position, bankruptcyPriceOf(world, account, position));
  const id = `autoclose-${world.nowMs}${nextNumber(world, 'lastRank')}`;
  const order = openForced(world, position, { id, autoClose: 'LIQUIDATION', price: limit });
  const taken = takeLiquidity(world, order);
  if (isOpen(taken)) handOver(world, taken, limit);
  const lost = new Decimal(account.wallet).minus(accountOf(world, account.key).wallet);
  const left = leftOf(world, position, lost);
  payClearance(world, position, limit, left);
  if (left.lt(0)) moveInsurance(world, position, left.negated());
}

/** What the book did not take: the fund takes it while it can bear the loss, then others are deleveraged. */
function handOver(world: World, order: OrderRow, price: Decimal): void {
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

function roundToTick(world: World, position: PositionRow, price: Decimal): Decimal {
  const tick = new Decimal(listedSymbol(world, position.symbol).tickSize);
  const ticks = price.div(tick);
  const whole = positionAmount(position).isNegative() ? ticks.floor() : ticks.ceil();
  return Decimal.max(tick, whole.times(tick));
}

/** The clearance fee takes at most what is left of the margin. */
function payClearance(world: World, closed: PositionRow, price: Decimal, left: Decimal): void {
  const wanted = price.times(closed.amount).abs().times(LIQUIDATION_FEE);
  const fee = Decimal.min(wanted, Decimal.max(0, left));
  if (fee.gt(0)) moveInsurance(world, closed, fee.negated());
}

/**
 * What is left of the margin behind a closed position; the fund makes good what is below zero. An isolated
 * position answers with its own margin alone, a cross one with the wallet once nothing else leans on it.
 */
function leftOf(world: World, closed: PositionRow, lost: Decimal): Decimal {
  if (settingOf(world, closed.account, closed.symbol).isIsolated) {
    return new Decimal(closed.isolatedWallet).minus(lost);
  }
  const margin = marginOf(world, accountOf(world, closed.account));
  const equity = margin.crossWallet.plus(margin.crossUnrealized);
  return margin.crossMaintenance.isZero() ? equity : Decimal.max(0, equity);
}

function callMargin(world: World, account: AccountRow): void {
  const positions = [...world.state.positionsOf(account.key)];
  emitMarginCall(world, account, {
    crossWallet: marginOf(world, account).crossWallet,
    positions: positions.map((position) => ({ position, ...positionMarginOf(world, position) })),
  });
}
