/**
 * Answers about orders and trades, field by field as documented; decimals are strings.
 *
 * Source: the venue's pages "New Order", "Query Order", "New Algo Order", "Get Order Modify History", "User's
 * Force Orders", "Account Trade List" and "Get Income History" for USD-M futures. Since 2026-07-15 the answers
 * to POST and DELETE order carry neither avgPrice nor cumQuote.
 */
import { averagePriceOf } from '../frames.ts';
import type { AlgoRow, AmendmentRow, IncomeRow, OrderRow, TradeRow } from '../rows.ts';
import type { World } from '../world.ts';

type Body = Readonly<Record<string, unknown>>;

const ORDER_CONSTANTS = {
  stopPrice: '0',
  workingType: 'CONTRACT_PRICE',
  priceProtect: false,
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
    priceMatch: order.priceMatch,
    selfTradePreventionMode: order.selfTradeMode,
    goodTillDate: order.goodTillMs,
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
    selfTradePreventionMode: algo.selfTradeMode,
    workingType: algo.workingType,
    priceMatch: algo.priceMatch,
    closePosition: algo.closePosition,
    priceProtect: algo.priceProtect,
    reduceOnly: algo.reduceOnly,
    createTime: algo.createdAtMs,
    updateTime: algo.updatedAtMs,
    triggerTime: algo.triggeredAtMs,
    goodTillDate: algo.goodTillMs,
    ...(algo.type === 'TRAILING_STOP_MARKET'
      ? { activatePrice: algo.activatePrice, callbackRate: algo.callbackRate }
      : {}),
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

/** Row of orderAmendment. */
export function amendmentBody(row: AmendmentRow): Body {
  return {
    amendmentId: row.amendmentId,
    symbol: row.symbol,
    pair: row.symbol,
    orderId: row.orderId,
    clientOrderId: row.clientOrderId,
    time: row.atMs,
    amendment: {
      price: { before: row.priceBefore, after: row.priceAfter },
      origQty: { before: row.quantityBefore, after: row.quantityAfter },
      count: row.count,
      ...(row.modifyId === undefined ? {} : { modifyId: row.modifyId }),
    },
  };
}

/** Row of forceOrders. */
export function forceOrderBody(order: OrderRow): Body {
  const { priceMatch: _match, selfTradePreventionMode: _mode, ...body } = orderBody(order);
  return body;
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
