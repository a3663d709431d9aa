/**
 * Answers of the REST API, field by field as documented; decimals are strings.
 *
 * Source: the venue's pages "New Order", "Query Order", "New Algo Order", "Position Information V2/V3",
 * "Futures Account Balance V3", "Account Information V3" for USD-M futures. Since 2026-07-15 the answers to
 * POST and DELETE order carry neither avgPrice nor cumQuote.
 */
import { Decimal } from '#pkg/base';
import {
  breakEvenPrice,
  findPosition,
  marginOf,
  positionAmount,
  unrealizedOf,
} from './accounting.ts';
import { notionalMaxAt } from './account-settings.ts';
import { averagePriceOf } from './frames.ts';
import type {
  AccountRow,
  AlgoRow,
  IncomeRow,
  OrderRow,
  PositionRow,
  PositionSide,
  TradeRow,
} from './rows.ts';
import { listedSymbol, plain, settingOf, type World } from './world.ts';

type Body = Readonly<Record<string, unknown>>;

const ORDER_CONSTANTS = {
  stopPrice: '0',
  workingType: 'CONTRACT_PRICE',
  priceProtect: false,
  priceMatch: 'NONE',
  selfTradePreventionMode: 'EXPIRE_MAKER',
  goodTillDate: 0,
} as const;

/** Answer to POST, PUT and DELETE order. */
export function orderAnswer(order: OrderRow): Body {
  return {
    orderId: order.orderId,
    symbol: order.symbol,
    status: order.status,
    clientOrderId: order.clientOrderId,
    price: order.price,
    origQty: order.quantity,
    executedQty: order.executed,
    cumQty: order.executed,
    timeInForce: order.timeInForce,
    type: order.type,
    reduceOnly: order.reduceOnly,
    closePosition: order.closePosition,
    side: order.side,
    positionSide: order.positionSide,
    origType: order.origType,
    updateTime: order.updatedAtMs,
    ...ORDER_CONSTANTS,
  };
}

/** The default answer type ACK tells nothing of a fill yet. */
export function acknowledgedOrder(order: OrderRow): Body {
  return { ...orderAnswer(order), status: 'NEW', executedQty: '0', cumQty: '0' };
}

/** Answer to GET order, openOrders, allOrders. */
export function orderBody(order: OrderRow): Body {
  const { cumQty: _cumQty, ...answer } = orderAnswer(order);
  return {
    ...answer,
    avgPrice: averagePriceOf(order),
    cumQuote: order.quote,
    time: order.createdAtMs,
  };
}

/** Answer to POST algoOrder. */
export function algoAnswer(algo: AlgoRow): Body {
  return {
    algoId: algo.algoId,
    clientAlgoId: algo.clientAlgoId,
    algoType: 'CONDITIONAL',
    orderType: algo.type,
    symbol: algo.symbol,
    side: algo.side,
    positionSide: algo.positionSide,
    timeInForce: algo.timeInForce,
    quantity: algo.quantity,
    algoStatus: algo.status,
    triggerPrice: algo.triggerPrice,
    price: algo.price,
    icebergQuantity: null,
    selfTradePreventionMode: 'EXPIRE_MAKER',
    workingType: algo.workingType,
    priceMatch: 'NONE',
    closePosition: algo.closePosition,
    priceProtect: algo.priceProtect,
    reduceOnly: algo.reduceOnly,
    createTime: algo.createdAtMs,
    updateTime: algo.updatedAtMs,
    triggerTime: algo.triggeredAtMs,
    goodTillDate: 0,
  };
}

/** Answer to GET algoOrder and its lists: with the order that it became. */
export function algoBody(world: World, algo: AlgoRow): Body {
  const actual =
    algo.actualOrderId === undefined ? undefined : world.state.get('orders', algo.actualOrderId);
  return {
    ...algoAnswer(algo),
    actualOrderId: algo.actualOrderId === undefined ? '' : String(algo.actualOrderId),
    actualPrice: actual === undefined ? '0.00000' : averagePriceOf(actual),
    actualQty: actual?.executed ?? '0',
    ...(actual === undefined ? {} : { actualType: actual.type }),
    tpTriggerPrice: '0.000',
    tpPrice: '0.000',
    slTriggerPrice: '0.000',
    slPrice: '0.000',
    tpOrderType: '',
  };
}

/** Row of positionRisk v3. */
export function positionBody(world: World, position: PositionRow): Body {
  const { mark } = world.quote(position.symbol);
  const setting = settingOf(world, position.account, position.symbol);
  const worth = mark.times(position.amount);
  const initial = plain(worth.abs().div(setting.leverage));
  return {
    symbol: position.symbol,
    positionSide: position.side,
    positionAmt: position.amount,
    entryPrice: position.entryPrice,
    breakEvenPrice: plain(breakEvenPrice(position), 10),
    markPrice: plain(mark),
    unRealizedProfit: plain(unrealizedOf(position, mark)),
    liquidationPrice: '0',
    isolatedMargin: '0',
    notional: plain(worth),
    marginAsset: 'USDT',
    isolatedWallet: '0',
    initialMargin: initial,
    maintMargin: plain(worth.abs().times('0.005')),
    positionInitialMargin: initial,
    openOrderInitialMargin: '0',
    adl: 1,
    bidNotional: '0',
    askNotional: '0',
    updateTime: position.updatedAtMs,
  };
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
    liquidationPrice: '0',
    leverage: String(setting.leverage),
    maxNotionalValue: String(notionalMaxAt(listedSymbol(world, symbol), setting.leverage)),
    marginType: setting.isIsolated ? 'isolated' : 'cross',
    isolatedMargin: '0',
    isAutoAddMargin: 'false',
    notional: plain(amount.times(mark)),
    isolatedWallet: '0',
    updateTime: position?.updatedAtMs ?? 0,
    isolated: setting.isIsolated,
    adlQuantile: 1,
  };
}

/** Row of balance v2 and v3. */
export function balanceBody(world: World, account: AccountRow): Body {
  const margin = marginOf(world, account);
  return {
    accountAlias: 'SgsR',
    asset: 'USDT',
    balance: plain(margin.wallet),
    crossWalletBalance: plain(margin.wallet),
    crossUnPnl: plain(margin.unrealized),
    availableBalance: plain(margin.available),
    maxWithdrawAmount: plain(Decimal.min(margin.available, margin.wallet)),
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
    totalCrossWalletBalance: plain(margin.wallet),
    totalCrossUnPnl: plain(margin.unrealized),
    availableBalance: plain(margin.available),
    maxWithdrawAmount: plain(Decimal.min(margin.available, margin.wallet)),
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
    crossWalletBalance: plain(margin.wallet),
    crossUnPnl: plain(margin.unrealized),
    availableBalance: plain(margin.available),
    maxWithdrawAmount: plain(Decimal.min(margin.available, margin.wallet)),
    ...(version === 2 ? { marginAvailable: true } : {}),
    updateTime: world.nowMs,
  };
  const positions = [...world.state.positionsOf(account.key)].map((position) =>
    accountPosition(world, account, position, version),
  );
  const flags = {
    feeTier: 0,
    canTrade: true,
    canDeposit: true,
    canWithdraw: false,
    updateTime: 0,
    multiAssetsMargin: false,
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
  const common = {
    symbol: position.symbol,
    positionSide: position.side,
    positionAmt: position.amount,
    unrealizedProfit: plain(unrealizedOf(position, mark)),
    notional: plain(worth),
    isolatedWallet: '0',
    initialMargin: plain(worth.abs().div(setting.leverage)),
    maintMargin: plain(worth.abs().times('0.005')),
    updateTime: position.updatedAtMs,
  };
  if (version === 3) return { ...common, isolatedMargin: '0' };
  return {
    ...common,
    positionInitialMargin: common.initialMargin,
    openOrderInitialMargin: '0',
    leverage: String(setting.leverage),
    isolated: setting.isIsolated,
    entryPrice: position.entryPrice,
    breakEvenPrice: plain(breakEvenPrice(position), 10),
    maxNotional: String(notionalMaxAt(listedSymbol(world, position.symbol), setting.leverage)),
    bidNotional: '0',
    askNotional: '0',
  };
}

/** Row of userTrades. */
export function tradeBody(trade: TradeRow): Body {
  return {
    symbol: trade.symbol,
    id: trade.tradeId,
    orderId: trade.orderId,
    side: trade.side,
    price: trade.price,
    qty: trade.quantity,
    realizedPnl: trade.realized,
    quoteQty: trade.quote,
    commission: trade.fee,
    commissionAsset: 'USDT',
    time: trade.atMs,
    positionSide: trade.positionSide,
    buyer: trade.side === 'BUY',
    maker: trade.isMaker,
  };
}

/** Row of income. */
export function incomeBody(income: IncomeRow): Body {
  return {
    symbol: income.symbol,
    incomeType: income.kind,
    income: income.amount,
    asset: 'USDT',
    time: income.atMs,
    info: income.kind === 'TRANSFER' ? 'TRANSFER' : income.tradeId,
    tranId: income.tranId,
    tradeId: income.tradeId,
  };
}
