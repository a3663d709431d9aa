/**
 * Liquidation, the insurance fund, and deleveraging.
 *
 * Who has less than the maintenance margin loses open orders first, then positions, the worst first. One IOC
 * order at the bankruptcy price reduces a position to what its margin bears; if that is not enough then, or no
 * part would be, the rest goes likewise as a whole. What the book does not take goes to the insurance fund, and
 * when that is empty to the best-ranked opposite positions (ADL), which pay no fee and lose their open orders.
 * A clearance fee on what was closed goes to the fund, and the fund makes good what a wallet lacks, so no customer
 * ever owes. Sources: the venue's help pages "Liquidation Protocols" (binance.com/support/faq/360033525271; quoted
 * with the order of the two steps at docs.traderwagon.com, "Liquidation Protocol"); ids `autoclose-` and
 * `adl_autoclose`, execution CALCULATED: the page "Event: Order Update".
 */
import { Decimal } from '#pkg/base';
import { findPosition, positionAmount, positionKey, TAKER_FEE } from './accounting.ts';
import { roughMaintenanceOf } from './brackets.ts';
import { handOver } from './deleveraging.ts';
import { endOrder } from './fills.ts';
import { cancelOrders, openForced } from './forced-orders.ts';
import { emitMarginCall } from './frames.ts';
import { moveInsurance } from './insurance-fund.ts';
import { liquidationPartOf } from './liquidation-part.ts';
import { bankruptcyPriceOf, marginOf, positionMarginOf } from './margin.ts';
import { takeLiquidity } from './matching.ts';
import { isOpen } from './order-checks.ts';
import type { AccountRow, OrderRow, PositionRow } from './rows.ts';
import { accountOf, listedSymbol, nextNumber, plain, settingOf, type World } from './world.ts';

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

/** Reduces a position to what its margin bears, and closes what is left of it where that was not enough. */
function liquidate(world: World, position: PositionRow): void {
  const part = partOf(world, position);
  if (part === undefined) return closeWhole(world, position);
  closePart(world, position, part);
  const { account, symbol, side } = position;
  const rest = findPosition(world, account, symbol, side);
  if (rest === undefined || positionAmount(rest).isZero() || isBorne(world, rest)) return;
  closeWhole(world, rest);
}

function partOf(world: World, position: PositionRow): Decimal | undefined {
  const { mark } = world.quote(position.symbol);
  const amount = positionAmount(position).abs();
  const fee = new Decimal(LIQUIDATION_FEE).plus(TAKER_FEE);
  const listed = listedSymbol(world, position.symbol);
  return liquidationPartOf(listed, { amount, mark, fee, margin: behind(world, position) });
}

/** Is the margin behind a position enough again? */
function isBorne(world: World, position: PositionRow): boolean {
  return behind(world, position).gt(positionMarginOf(world, position).maintenance);
}

/** What stands behind a position: its own margin, or the wallet without what the other cross positions need. */
function behind(world: World, position: PositionRow): Decimal {
  const own = positionMarginOf(world, position);
  if (own.isIsolated) return new Decimal(position.isolatedWallet).plus(own.unrealized);
  const margin = marginOf(world, accountOf(world, position.account));
  const others = margin.crossMaintenance.minus(own.maintenance);
  return margin.crossWallet.plus(margin.crossUnrealized).minus(others);
}

function closePart(world: World, position: PositionRow, quantity: Decimal): void {
  const taken = takeLiquidity(world, openLiquidation(world, position, quantity));
  const ended = isOpen(taken) ? endOrder(world, taken, 'EXPIRED', 'iocRest') : taken;
  const rest = findPosition(world, position.account, position.symbol, position.side);
  if (rest === undefined) return;
  payPartClearance(world, rest, new Decimal(ended.quote).times(LIQUIDATION_FEE));
}

function closeWhole(world: World, position: PositionRow): void {
  const account = accountOf(world, position.account);
  const order = openLiquidation(world, position);
  const limit = new Decimal(order.price);
  const taken = takeLiquidity(world, order);
  if (isOpen(taken)) handOver(world, taken, limit);
  const lost = new Decimal(account.wallet).minus(accountOf(world, account.key).wallet);
  const left = leftOf(world, position, lost);
  payClearance(world, position, limit.times(position.amount).abs().times(LIQUIDATION_FEE), left);
  if (left.lt(0)) moveInsurance(world, position, left.negated());
}

function openLiquidation(world: World, position: PositionRow, quantity?: Decimal): OrderRow {
  const account = accountOf(world, position.account);
  const price = roundToTick(world, position, bankruptcyPriceOf(world, account, position));
  const id = `autoclose-${world.nowMs}${nextNumber(world, 'lastRank')}`;
  const part = quantity === undefined ? {} : { quantity };
  return openForced(world, position, { id, autoClose: 'LIQUIDATION', price, ...part });
}

function roundToTick(world: World, position: PositionRow, price: Decimal): Decimal {
  const tick = new Decimal(listedSymbol(world, position.symbol).tickSize);
  const ticks = price.div(tick);
  const whole = positionAmount(position).isNegative() ? ticks.floor() : ticks.ceil();
  return Decimal.max(tick, whole.times(tick));
}

/** The clearance fee takes at most what is left of the margin. */
function payClearance(world: World, closed: PositionRow, wanted: Decimal, left: Decimal): void {
  const fee = Decimal.min(wanted, Decimal.max(0, left));
  if (fee.gt(0)) moveInsurance(world, closed, fee.negated());
}

/** The same for what a position was reduced by: an isolated one pays from its own margin. */
function payPartClearance(world: World, rest: PositionRow, wanted: Decimal): void {
  const { isIsolated, unrealized } = positionMarginOf(world, rest);
  if (!isIsolated) {
    const margin = marginOf(world, accountOf(world, rest.account));
    payClearance(world, rest, wanted, margin.crossWallet.plus(margin.crossUnrealized));
    return;
  }
  const apart = new Decimal(rest.isolatedWallet);
  const fee = Decimal.min(wanted, apart, Decimal.max(0, apart.plus(unrealized)));
  const isolatedWallet = plain(apart.minus(fee));
  const key = positionKey(rest.account, rest.symbol, rest.side);
  world.state.put('positions', key, { ...rest, isolatedWallet });
  payClearance(world, rest, fee, fee);
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
