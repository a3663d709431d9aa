import {
  id,
  notional,
  price,
  quantity,
  type Direction,
  type OrderSide,
  type Price,
  type VenueOrderId,
} from '#pkg/domain';

import { ExchangeProtocolError } from '../errors.ts';
import type { VenueOrder, VenuePosition, VenueTrade } from '../exchange.ts';
import type { AlgoOrderAnswer, OrderAnswer, PositionAnswer, TradeAnswer } from './schemas.ts';

export type PositionSide = 'LONG' | 'SHORT' | 'BOTH';

/** The venue's words for an order's state; EXPIRED_IN_MATCH is self-trade prevention's. */
const ORDER_STATUSES: Readonly<Record<string, VenueOrder['status']>> = {
  NEW: 'new',
  PENDING_NEW: 'new',
  PARTIALLY_FILLED: 'partially-filled',
  FILLED: 'filled',
  CANCELED: 'canceled',
  EXPIRED: 'expired',
  EXPIRED_IN_MATCH: 'expired',
  REJECTED: 'rejected',
};

/** States of a conditional order in which no order has come of it, and none will. */
const ALGO_STATUSES: Readonly<Record<string, VenueOrder['status']>> = {
  NEW: 'new',
  TRIGGERING: 'new',
  TRIGGERED: 'new',
  CANCELED: 'canceled',
  REJECTED: 'rejected',
  EXPIRED: 'expired',
};

/** Returns our word for an order's state, or throws {@link ExchangeProtocolError}. */
export function decodeOrderStatus(status: string, endpoint: string): VenueOrder['status'] {
  return requireStatus(ORDER_STATUSES[status], status, endpoint);
}

/**
 * Returns our word for a conditional order's state. FINISHED says only that the order it became has ended, so
 * callers tell what was filled.
 */
export function decodeAlgoStatus(
  status: string,
  hasFilled: boolean,
  endpoint: string,
): VenueOrder['status'] {
  if (status === 'FINISHED') return hasFilled ? 'filled' : 'canceled';
  return requireStatus(ALGO_STATUSES[status], status, endpoint);
}

/** Returns an order as the venue tells of it. */
export function decodeOrder(answer: OrderAnswer, endpoint: string): VenueOrder {
  return {
    venueOrderId: venueOrderId(answer.orderId),
    clientOrderId: id(answer.clientOrderId),
    symbol: id(answer.symbol),
    side: answer.side,
    direction: decodeDirection(answer.positionSide, answer.side),
    isConditional: false,
    status: decodeOrderStatus(answer.status, endpoint),
    price: positivePrice(answer.price),
    quantity: quantity(answer.origQty),
    filledQuantity: quantity(answer.executedQty),
    averagePrice: positivePrice(answer.avgPrice),
    updatedAtMs: answer.updateTime,
  };
}

/**
 * Returns a conditional order, with what was filled by the order that it became.
 *
 * Its id and client id stay the conditional ones, its price the trigger.
 */
export function decodeAlgoOrder(
  answer: AlgoOrderAnswer,
  became: VenueOrder | undefined,
  endpoint: string,
): VenueOrder {
  const hasFilled = became !== undefined && became.filledQuantity.greaterThan(0);
  const isOver = answer.algoStatus === 'TRIGGERED' || answer.algoStatus === 'FINISHED';
  return {
    venueOrderId: venueOrderId(answer.algoId),
    clientOrderId: id(answer.clientAlgoId),
    symbol: id(answer.symbol),
    side: answer.side,
    direction: decodeDirection(answer.positionSide, answer.side),
    isConditional: true,
    status:
      isOver && became !== undefined
        ? became.status
        : decodeAlgoStatus(answer.algoStatus, hasFilled, endpoint),
    price: positivePrice(answer.triggerPrice),
    quantity: became?.quantity ?? quantity(answer.quantity ?? 0),
    filledQuantity: became?.filledQuantity ?? quantity(0),
    averagePrice: became?.averagePrice,
    updatedAtMs: Math.max(answer.updateTime, became?.updatedAtMs ?? 0),
  };
}

export function decodePosition(answer: PositionAnswer): VenuePosition {
  const isShort =
    answer.positionSide === 'BOTH'
      ? answer.positionAmt.startsWith('-')
      : answer.positionSide === 'SHORT';
  return {
    symbol: id(answer.symbol),
    direction: isShort ? 'short' : 'long',
    quantity: unsigned(answer.positionAmt),
    entryPrice: price(answer.entryPrice),
    breakEvenPrice: price(answer.breakEvenPrice),
    markPrice: price(answer.markPrice),
    liquidationPrice: positivePrice(answer.liquidationPrice),
    unrealizedPnl: notional(answer.unRealizedProfit),
  };
}

export function decodeTrade(answer: TradeAnswer): VenueTrade {
  return {
    tradeId: String(answer.id),
    venueOrderId: venueOrderId(answer.orderId),
    symbol: id(answer.symbol),
    direction: decodeDirection(answer.positionSide, answer.side),
    side: answer.side,
    price: price(answer.price),
    quantity: quantity(answer.qty),
    realizedPnl: notional(answer.realizedPnl),
    fee: notional(answer.commission),
    atMs: answer.time,
  };
}

/** Returns the direction of an order's position; in one-way mode (BOTH) the side is all there is. */
export function decodeDirection(positionSide: PositionSide, side: OrderSide): Direction {
  if (positionSide === 'BOTH') return side === 'BUY' ? 'long' : 'short';
  return positionSide === 'LONG' ? 'long' : 'short';
}

export function encodeDirection(direction: Direction): PositionSide {
  return direction === 'long' ? 'LONG' : 'SHORT';
}

/** Returns a price, or undefined where the venue writes 0 for "none". */
export function positivePrice(text: string | null | undefined): Price | undefined {
  if (text === undefined || text === null || text === '') return undefined;
  const value = Number(text);
  return value > 0 ? price(text) : undefined;
}

/** Returns an amount's size: the direction stands elsewhere. */
export function unsigned(text: string): ReturnType<typeof quantity> {
  return quantity(text.startsWith('-') ? text.slice(1) : text);
}

export function venueOrderId(value: string | number): VenueOrderId {
  return id(String(value));
}

function requireStatus(
  status: VenueOrder['status'] | undefined,
  word: string,
  endpoint: string,
): VenueOrder['status'] {
  if (status !== undefined) return status;
  throw new ExchangeProtocolError({
    endpoint,
    expected: '/status to be a known word',
    fields: { endpoint, field: '/status', value: word },
  });
}
