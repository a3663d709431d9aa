/**
 * Margin of an account at the prices of now: what it is worth, what is bound, what is free.
 *
 * Cross positions share what is not set apart; an isolated position stands on its own margin alone.
 * Formulas: the venue's help pages on "How to calculate liquidation price of USDⓈ-M futures contracts".
 */
import { Decimal } from '#pkg/base';
import { findPosition, positionAmount, reduces, unrealizedOf } from './accounting.ts';
import { bracketAt, maintenanceOf } from './brackets.ts';
import type { AccountRow, OrderRow, PositionRow } from './rows.ts';
import { listedSymbol, settingOf, type World } from './world.ts';

const ZERO = new Decimal(0);

export interface Margin {
  readonly wallet: Decimal;
  /** The wallet without what is set apart for isolated positions. */
  readonly crossWallet: Decimal;
  readonly unrealized: Decimal;
  readonly crossUnrealized: Decimal;
  readonly positionInitial: Decimal;
  readonly orderInitial: Decimal;
  readonly maintenance: Decimal;
  readonly crossMaintenance: Decimal;
  /** Never negative. */
  readonly available: Decimal;
}

export interface PositionMargin {
  readonly worth: Decimal;
  readonly unrealized: Decimal;
  readonly initial: Decimal;
  readonly maintenance: Decimal;
  readonly isIsolated: boolean;
}

/** Returns the margin of one position. */
export function positionMarginOf(world: World, position: PositionRow): PositionMargin {
  const { mark } = world.quote(position.symbol);
  const setting = settingOf(world, position.account, position.symbol);
  const worth = mark.times(position.amount).abs();
  return {
    worth,
    unrealized: unrealizedOf(position, mark),
    initial: worth.div(setting.leverage),
    maintenance: maintenanceOf(listedSymbol(world, position.symbol), worth),
    isIsolated: setting.isIsolated,
  };
}

/** Returns the account's margin. */
export function marginOf(world: World, account: AccountRow): Margin {
  let [unrealized, crossUnrealized, apart] = [ZERO, ZERO, ZERO];
  let [positionInitial, crossInitial, maintenance, crossMaintenance] = [ZERO, ZERO, ZERO, ZERO];
  for (const position of world.state.positionsOf(account.key)) {
    const margin = positionMarginOf(world, position);
    unrealized = unrealized.plus(margin.unrealized);
    positionInitial = positionInitial.plus(margin.initial);
    maintenance = maintenance.plus(margin.maintenance);
    if (margin.isIsolated) {
      apart = apart.plus(position.isolatedWallet);
      continue;
    }
    crossUnrealized = crossUnrealized.plus(margin.unrealized);
    crossInitial = crossInitial.plus(margin.initial);
    crossMaintenance = crossMaintenance.plus(margin.maintenance);
  }
  let orderInitial = ZERO;
  for (const order of world.state.openOrdersOf(account.key)) {
    orderInitial = orderInitial.plus(orderMarginOf(world, order));
  }
  const wallet = new Decimal(account.wallet);
  const crossWallet = wallet.minus(apart);
  const free = crossWallet.plus(crossUnrealized).minus(crossInitial).minus(orderInitial);
  return {
    wallet,
    crossWallet,
    unrealized,
    crossUnrealized,
    positionInitial,
    orderInitial,
    maintenance,
    crossMaintenance,
    available: Decimal.max(0, free),
  };
}

/** Returns the margin that a working order binds: none where it can only reduce. */
export function orderMarginOf(world: World, order: OrderRow): Decimal {
  const position = findPosition(world, order.account, order.symbol, order.positionSide);
  if (order.reduceOnly || reduces(order.side, order.positionSide, positionAmount(position))) {
    return ZERO;
  }
  const open = new Decimal(order.quantity).minus(order.executed);
  const { leverage } = settingOf(world, order.account, order.symbol);
  return open.times(order.price).div(leverage);
}

/** Returns what the account's positions and opening orders of a symbol's side would be worth together. */
export function exposureOf(
  world: World,
  order: Pick<OrderRow, 'account' | 'symbol' | 'positionSide' | 'side'>,
): Decimal {
  const { mark } = world.quote(order.symbol);
  const position = findPosition(world, order.account, order.symbol, order.positionSide);
  let exposure = mark.times(positionAmount(position)).abs();
  for (const open of world.state.openOrdersOf(order.account)) {
    const isAlike =
      open.symbol === order.symbol &&
      open.positionSide === order.positionSide &&
      open.side === order.side &&
      !open.reduceOnly;
    if (!isAlike) continue;
    const rest = new Decimal(open.quantity).minus(open.executed);
    exposure = exposure.plus(rest.times(open.price));
  }
  return exposure;
}

/** Returns the mark price at which the position is liquidated, 0 where none would. */
export function liquidationPriceOf(
  world: World,
  account: AccountRow,
  position: PositionRow,
  /** The account's margin, when the caller asks for many positions of it. */
  accountMargin: () => Margin = () => marginOf(world, account),
): Decimal {
  const amount = positionAmount(position);
  if (amount.isZero()) return ZERO;
  const own = positionMarginOf(world, position);
  const margin = own.isIsolated ? undefined : accountMargin();
  const behind =
    margin === undefined
      ? new Decimal(position.isolatedWallet)
      : margin.crossWallet
          .plus(margin.crossUnrealized.minus(own.unrealized))
          .minus(margin.crossMaintenance.minus(own.maintenance));
  const { maintMarginRatio, cum } = bracketAt(listedSymbol(world, position.symbol), own.worth);
  const sign = amount.isNegative() ? -1 : 1;
  const price = behind
    .plus(cum)
    .minus(amount.times(position.entryPrice))
    .div(amount.abs().times(new Decimal(maintMarginRatio).minus(sign)));
  return Decimal.max(0, price);
}

/** Returns the price at which nothing is left of what stands behind the position. */
export function bankruptcyPriceOf(
  world: World,
  account: AccountRow,
  position: PositionRow,
): Decimal {
  const amount = positionAmount(position);
  const own = positionMarginOf(world, position);
  const { mark } = world.quote(position.symbol);
  const margin = own.isIsolated ? undefined : marginOf(world, account);
  const equity =
    margin === undefined
      ? new Decimal(position.isolatedWallet).plus(own.unrealized)
      : margin.crossWallet.plus(margin.crossUnrealized);
  return Decimal.max(0, mark.minus(equity.div(amount)));
}
