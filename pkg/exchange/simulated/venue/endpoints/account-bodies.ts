/**
 * What an account is told of its positions and balances, field by field as documented; decimals are strings.
 *
 * Source: the venue's pages "Position Information V2/V3", "Futures Account Balance V3" and "Account
 * Information V2/V3" for USD-M futures.
 */
import { Decimal } from '#pkg/base';
import { breakEvenPrice, findPosition, positionAmount, unrealizedOf } from '../accounting.ts';
import { notionalMaxAt } from '../brackets.ts';
import {
  liquidationPriceOf,
  marginOf,
  orderMarginOf,
  positionMarginOf,
  type Margin,
} from '../margin.ts';
import type { AccountRow, OrderRow, PositionRow, PositionSide } from '../rows.ts';
import { listedSymbol, plain, settingOf, type World } from '../world.ts';

type Body = Readonly<Record<string, unknown>>;

/** What the account's opening orders of one position bind and are worth. */
function ordersAround(
  world: World,
  position: Pick<PositionRow, 'account' | 'symbol' | 'side'>,
): { readonly margin: Decimal; readonly bid: Decimal; readonly ask: Decimal } {
  let [margin, bid, ask] = [new Decimal(0), new Decimal(0), new Decimal(0)];
  const worthOf = (order: OrderRow): Decimal =>
    new Decimal(order.quantity).minus(order.executed).times(order.price);
  for (const order of world.state.openOrdersOf(position.account)) {
    if (order.symbol !== position.symbol || order.positionSide !== position.side) continue;
    margin = margin.plus(orderMarginOf(world, order));
    if (order.reduceOnly) continue;
    if (order.side === 'BUY') bid = bid.plus(worthOf(order));
    else ask = ask.plus(worthOf(order));
  }
  return { margin, bid, ask };
}

/** A position with nothing in it, for symbols of which only orders are working. */
export function emptyPosition(account: string, symbol: string, side: PositionSide): PositionRow {
  return {
    account,
    symbol,
    side,
    amount: '0',
    entryPrice: '0',
    fees: '0',
    realized: '0',
    openedAtMs: 0,
    updatedAtMs: 0,
    unprotectedSinceMs: undefined,
    rungsFilled: 0,
    isolatedWallet: '0',
  };
}

/** Margin of an isolated position with what it has won or lost; 0 under cross margin. */
function isolatedMargin(world: World, position: PositionRow): string {
  const { isIsolated, unrealized } = positionMarginOf(world, position);
  return isIsolated ? plain(new Decimal(position.isolatedWallet).plus(unrealized)) : '0';
}

/** Row of positionRisk v3. */
export function positionBody(
  world: World,
  account: AccountRow,
  position: PositionRow,
  accountMargin: () => Margin,
): Body {
  const { mark } = world.quote(position.symbol);
  const worth = mark.times(position.amount);
  const margin = positionMarginOf(world, position);
  const around = ordersAround(world, position);
  return {
    symbol: position.symbol,
    positionSide: position.side,
    positionAmt: position.amount,
    entryPrice: position.entryPrice,
    breakEvenPrice: plain(breakEvenPrice(position), 10),
    markPrice: plain(mark),
    unRealizedProfit: plain(unrealizedOf(position, mark)),
    liquidationPrice: plain(liquidationPriceOf(world, account, position, accountMargin)),
    isolatedMargin: isolatedMargin(world, position),
    notional: plain(worth),
    marginAsset: 'USDT',
    isolatedWallet: position.isolatedWallet,
    initialMargin: plain(margin.initial.plus(around.margin)),
    maintMargin: plain(margin.maintenance),
    positionInitialMargin: plain(margin.initial),
    openOrderInitialMargin: plain(around.margin),
    adl: adlQuantileOf(world, position),
    bidNotional: plain(around.bid),
    askNotional: plain(around.ask),
    updateTime: position.updatedAtMs,
  };
}

/** Place in the deleveraging queue, 0 to 4: the more profit for its margin, the nearer to the front. */
export function adlQuantileOf(world: World, position: PositionRow): number {
  const { unrealized, initial } = positionMarginOf(world, position);
  if (initial.isZero() || unrealized.lte(0)) return 0;
  return Math.min(4, 1 + Math.floor(unrealized.div(initial).times(4).toNumber()));
}

/** Row of positionRisk v2: every symbol and side has one. */
export function positionBodyV2(
  world: World,
  account: AccountRow,
  symbol: string,
  side: PositionSide,
): Body {
  const position = findPosition(world, account.key, symbol, side);
  const setting = settingOf(world, account.key, symbol);
  const { mark } = world.quote(symbol);
  const amount = positionAmount(position);
  return {
    symbol,
    positionSide: side,
    positionAmt: amount.toFixed(),
    entryPrice: position?.entryPrice ?? '0',
    breakEvenPrice: position === undefined ? '0' : plain(breakEvenPrice(position), 10),
    markPrice: plain(mark),
    unRealizedProfit: position === undefined ? '0' : plain(unrealizedOf(position, mark)),
    liquidationPrice:
      position === undefined ? '0' : plain(liquidationPriceOf(world, account, position)),
    leverage: String(setting.leverage),
    maxNotionalValue: String(notionalMaxAt(listedSymbol(world, symbol), setting.leverage)),
    marginType: setting.isIsolated ? 'isolated' : 'cross',
    isolatedMargin: position === undefined ? '0' : isolatedMargin(world, position),
    isAutoAddMargin: 'false',
    notional: plain(amount.times(mark)),
    isolatedWallet: position?.isolatedWallet ?? '0',
    updateTime: position?.updatedAtMs ?? 0,
    isolated: setting.isIsolated,
    adlQuantile: position === undefined ? 0 : adlQuantileOf(world, position),
  };
}

/** Row of balance v2 and v3. */
export function balanceBody(world: World, account: AccountRow): Body {
  const margin = marginOf(world, account);
  return {
    accountAlias: 'SgsR',
    asset: 'USDT',
    balance: plain(margin.wallet),
    crossWalletBalance: plain(margin.crossWallet),
    crossUnPnl: plain(margin.crossUnrealized),
    availableBalance: plain(margin.available),
    maxWithdrawAmount: plain(Decimal.min(margin.available, margin.crossWallet)),
    marginAvailable: true,
    updateTime: world.nowMs,
  };
}

/** Answer to account v2 and v3. */
export function accountBody(world: World, account: AccountRow, version: 2 | 3): Body {
  const margin = marginOf(world, account);
  const initial = margin.positionInitial.plus(margin.orderInitial);
  const totals = {
    totalInitialMargin: plain(initial),
    totalMaintMargin: plain(margin.maintenance),
    totalWalletBalance: plain(margin.wallet),
    totalUnrealizedProfit: plain(margin.unrealized),
    totalMarginBalance: plain(margin.wallet.plus(margin.unrealized)),
    totalPositionInitialMargin: plain(margin.positionInitial),
    totalOpenOrderInitialMargin: plain(margin.orderInitial),
    totalCrossWalletBalance: plain(margin.crossWallet),
    totalCrossUnPnl: plain(margin.crossUnrealized),
    availableBalance: plain(margin.available),
    maxWithdrawAmount: plain(Decimal.min(margin.available, margin.crossWallet)),
  };
  const asset = {
    asset: 'USDT',
    walletBalance: plain(margin.wallet),
    unrealizedProfit: plain(margin.unrealized),
    marginBalance: plain(margin.wallet.plus(margin.unrealized)),
    maintMargin: plain(margin.maintenance),
    initialMargin: plain(initial),
    positionInitialMargin: plain(margin.positionInitial),
    openOrderInitialMargin: plain(margin.orderInitial),
    crossWalletBalance: plain(margin.crossWallet),
    crossUnPnl: plain(margin.crossUnrealized),
    availableBalance: plain(margin.available),
    maxWithdrawAmount: plain(Decimal.min(margin.available, margin.crossWallet)),
    ...(version === 2 ? { marginAvailable: true } : {}),
    updateTime: world.nowMs,
  };
  const positions = [...world.state.positionsOf(account.key)].map((position) =>
    accountPosition(world, account, position, version),
  );
  const flags = {
    feeTier: 0,
    canTrade: account.permissions.futures,
    canDeposit: true,
    canWithdraw: account.permissions.withdrawals,
    updateTime: 0,
    multiAssetsMargin: account.isMultiAsset,
    tradeGroupId: -1,
  };
  return { ...(version === 2 ? flags : {}), ...totals, assets: [asset], positions };
}

function accountPosition(
  world: World,
  account: AccountRow,
  position: PositionRow,
  version: 2 | 3,
): Body {
  const { mark } = world.quote(position.symbol);
  const setting = settingOf(world, account.key, position.symbol);
  const worth = mark.times(position.amount);
  const margin = positionMarginOf(world, position);
  const around = ordersAround(world, position);
  const common = {
    symbol: position.symbol,
    positionSide: position.side,
    positionAmt: position.amount,
    unrealizedProfit: plain(unrealizedOf(position, mark)),
    notional: plain(worth),
    isolatedWallet: position.isolatedWallet,
    initialMargin: plain(margin.initial.plus(around.margin)),
    maintMargin: plain(margin.maintenance),
    updateTime: position.updatedAtMs,
  };
  if (version === 3) return { ...common, isolatedMargin: isolatedMargin(world, position) };
  return {
    ...common,
    positionInitialMargin: plain(margin.initial),
    openOrderInitialMargin: plain(around.margin),
    leverage: String(setting.leverage),
    isolated: setting.isIsolated,
    entryPrice: position.entryPrice,
    breakEvenPrice: plain(breakEvenPrice(position), 10),
    maxNotional: String(notionalMaxAt(listedSymbol(world, position.symbol), setting.leverage)),
    bidNotional: plain(around.bid),
    askNotional: plain(around.ask),
  };
}
