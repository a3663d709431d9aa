import { unreachable } from '#pkg/base';
import { id, price, quantity, type AccountId } from '#pkg/domain';

import {
  ORDER_RECV_WINDOW_MS,
  type Cancellation,
  type Exchange,
  type OrderIntent,
  type OrderReference,
  type Placement,
  type SendFence,
  type VenueOrder,
} from '../exchange.ts';
import type { CallOutcome, VenueCall, VenueCaller } from './caller.ts';
import {
  decodeAlgoOrder,
  decodeAlgoStatus,
  decodeOrder,
  encodeDirection,
  venueOrderId,
} from './decode.ts';
import { faultError, nameOf, type Demand } from './demand.ts';
import { ENDPOINTS, type RequestParameters } from './endpoints.ts';
import { checkAlgoOrder, checkAnything, checkOrder, checkPlacedAlgoOrder } from './schemas.ts';

type OrderCalls = Pick<Exchange, 'placeOrder' | 'findOrder' | 'cancelOrder' | 'modifyOrder'>;

const ORDER_ENDPOINT = 'GET /fapi/v1/order';
const ALGO_ENDPOINT = 'GET /fapi/v1/algoOrder';
/**
 * An order's answer is waited for just past its receive window: by then the venue has taken it or never will, and what
 * it took may be exposure without a stop. Looking it up is the faster way to know.
 */
const ORDER_ANSWER_TIMEOUT_MS = 2_000;

/** Returns the order calls of the port: each mutation is one physical request, and its outcome a value. */
export function createOrderCalls(callVenue: VenueCaller, demand: Demand): OrderCalls {
  const findOrder: OrderCalls['findOrder'] = (accountId, reference, signal) =>
    reference.isConditional
      ? findAlgoOrder(callVenue, accountId, reference, signal)
      : findPlainOrder(
          callVenue,
          accountId,
          { symbol: reference.symbol, origClientOrderId: reference.clientOrderId },
          signal,
        );

  return {
    placeOrder: (accountId, intent, fence, signal) =>
      intent.kind === 'stop'
        ? placeStop(callVenue, accountId, intent, fence, signal)
        : placePlain(callVenue, accountId, intent, fence, signal),
    findOrder,
    cancelOrder: async (accountId, reference, signal) =>
      concludeCancellation(await callVenue(cancelCall(accountId, reference, signal)), reference),
    modifyOrder: async (accountId, change, fence, signal) => {
      const call: VenueCall<Parameters<typeof decodeOrder>[0]> = {
        endpoint: ENDPOINTS.modifyOrder,
        accountId,
        parameters: {
          symbol: change.symbol,
          side: change.side,
          origClientOrderId: change.clientOrderId,
          quantity: change.quantity.toFixed(),
          price: change.price.toFixed(),
        },
        check: checkOrder,
        priority: 'protective',
        recvWindowMs: ORDER_RECV_WINDOW_MS,
        answerTimeoutMs: ORDER_ANSWER_TIMEOUT_MS,
        fence,
        signal,
      };
      const outcome = await callVenue(call);
      if (outcome.kind === 'fault' && outcome.fault.action === 'already-so') {
        const order = await demand({
          endpoint: ENDPOINTS.readOrder,
          accountId,
          parameters: { symbol: change.symbol, origClientOrderId: change.clientOrderId },
          check: checkOrder,
          priority: 'protective',
          signal,
        });
        return { kind: 'accepted', order: decodeOrder(order, ORDER_ENDPOINT) };
      }
      return concludePlacement(call, outcome, (answer) => decodeOrder(answer, nameOf(call)));
    },
  };
}

async function placePlain(
  callVenue: VenueCaller,
  accountId: AccountId,
  intent: Exclude<OrderIntent, { kind: 'stop' }>,
  fence: SendFence,
  signal: AbortSignal,
): Promise<Placement> {
  const call: VenueCall<Parameters<typeof decodeOrder>[0]> = {
    endpoint: ENDPOINTS.placeOrder,
    accountId,
    parameters: plainParameters(intent),
    check: checkOrder,
    priority: intent.isClosing ? 'protective' : 'normal',
    purpose: intent.isClosing ? 'protect' : 'open',
    recvWindowMs: ORDER_RECV_WINDOW_MS,
    answerTimeoutMs: ORDER_ANSWER_TIMEOUT_MS,
    fence,
    signal,
  };
  return concludePlacement(call, await callVenue(call), (answer) =>
    decodeOrder(answer, nameOf(call)),
  );
}

/** In hedge mode `positionSide` is mandatory and `reduceOnly` is refused: the side says what closes. */
function plainParameters(intent: Exclude<OrderIntent, { kind: 'stop' }>): RequestParameters {
  const common = {
    symbol: intent.symbol,
    side: intent.side,
    positionSide: encodeDirection(intent.direction),
    quantity: intent.quantity.toFixed(),
    newClientOrderId: intent.clientOrderId,
  };
  switch (intent.kind) {
    case 'market':
      return { ...common, type: 'MARKET', newOrderRespType: 'RESULT' };
    case 'limit':
      return { ...common, type: 'LIMIT', timeInForce: 'GTC', price: intent.price.toFixed() };
    default:
      return unreachable(intent);
  }
}

/** Conditional orders have an interface of their own since 2025-12-09; the plain one answers −4120. */
async function placeStop(
  callVenue: VenueCaller,
  accountId: AccountId,
  intent: Extract<OrderIntent, { kind: 'stop' }>,
  fence: SendFence,
  signal: AbortSignal,
): Promise<Placement> {
  const call = {
    endpoint: ENDPOINTS.placeAlgoOrder,
    accountId,
    parameters: {
      algoType: 'CONDITIONAL',
      symbol: intent.symbol,
      side: intent.side,
      positionSide: encodeDirection(intent.direction),
      type: 'STOP_MARKET',
      triggerPrice: intent.triggerPrice.toFixed(),
      closePosition: true,
      workingType: 'MARK_PRICE',
      clientAlgoId: intent.clientOrderId,
    },
    check: checkPlacedAlgoOrder,
    priority: 'protective',
    recvWindowMs: ORDER_RECV_WINDOW_MS,
    answerTimeoutMs: ORDER_ANSWER_TIMEOUT_MS,
    fence,
    signal,
  } as const;
  return concludePlacement(call, await callVenue(call), (answer) => ({
    venueOrderId: venueOrderId(answer.algoId),
    clientOrderId: id(answer.clientAlgoId),
    symbol: intent.symbol,
    side: intent.side,
    direction: intent.direction,
    isConditional: true,
    status: decodeAlgoStatus(answer.algoStatus, false, nameOf(call)),
    price: price(intent.triggerPrice),
    quantity: quantity(0),
    filledQuantity: quantity(0),
    averagePrice: undefined,
    updatedAtMs: answer.updateTime,
  }));
}

function concludePlacement<T>(
  call: VenueCall<T>,
  outcome: CallOutcome<T>,
  decode: (answer: T) => VenueOrder,
): Placement {
  switch (outcome.kind) {
    case 'answered':
      return { kind: 'accepted', order: decode(outcome.value) };
    case 'not-sent':
      return { kind: 'not-sent', why: outcome.why };
    case 'lost':
      return { kind: 'unknown', cause: outcome.cause };
    case 'fault': {
      const { action, rejection, venueCode, message } = outcome.fault;
      if (action === 'reconcile' || action === 'protocol') {
        return { kind: 'unknown', cause: faultError(outcome.fault, nameOf(call)) };
      }
      return { kind: 'rejected', reason: rejection, venueCode, message };
    }
  }
}

function cancelCall(
  accountId: AccountId,
  reference: OrderReference,
  signal: AbortSignal,
): VenueCall<unknown> {
  return {
    endpoint: reference.isConditional ? ENDPOINTS.cancelAlgoOrder : ENDPOINTS.cancelOrder,
    accountId,
    parameters: reference.isConditional
      ? { clientAlgoId: reference.clientOrderId }
      : { symbol: reference.symbol, origClientOrderId: reference.clientOrderId },
    check: checkAnything,
    priority: 'protective',
    recvWindowMs: ORDER_RECV_WINDOW_MS,
    answerTimeoutMs: ORDER_ANSWER_TIMEOUT_MS,
    signal,
  };
}

function concludeCancellation(
  outcome: CallOutcome<unknown>,
  reference: OrderReference,
): Cancellation {
  switch (outcome.kind) {
    case 'answered':
      return { kind: 'canceled' };
    case 'not-sent':
    case 'lost':
      return { kind: 'unknown', cause: outcome.cause };
    case 'fault': {
      const { action } = outcome.fault;
      if (action === 'gone' || action === 'not-found' || action === 'already-so') {
        return { kind: 'already-gone' };
      }
      const endpoint = reference.isConditional
        ? 'DELETE /fapi/v1/algoOrder'
        : 'DELETE /fapi/v1/order';
      const cause = faultError(outcome.fault, endpoint);
      if (action === 'reconcile' || action === 'protocol') return { kind: 'unknown', cause };
      throw cause;
    }
  }
}

async function findPlainOrder(
  callVenue: VenueCaller,
  accountId: AccountId,
  parameters: RequestParameters,
  signal: AbortSignal,
): Promise<VenueOrder | undefined> {
  const call = {
    endpoint: ENDPOINTS.readOrder,
    accountId,
    parameters,
    check: checkOrder,
    priority: 'protective',
    answerTimeoutMs: ORDER_ANSWER_TIMEOUT_MS,
    signal,
  } as const;
  const answer = await callOrNothing(callVenue, call);
  return answer === undefined ? undefined : decodeOrder(answer, ORDER_ENDPOINT);
}

/** Looks a conditional order up and, once it has triggered, the order that it became. */
async function findAlgoOrder(
  callVenue: VenueCaller,
  accountId: AccountId,
  reference: OrderReference,
  signal: AbortSignal,
): Promise<VenueOrder | undefined> {
  const answer = await callOrNothing(callVenue, {
    endpoint: ENDPOINTS.readAlgoOrder,
    accountId,
    parameters: { clientAlgoId: reference.clientOrderId },
    check: checkAlgoOrder,
    priority: 'protective',
    answerTimeoutMs: ORDER_ANSWER_TIMEOUT_MS,
    signal,
  });
  if (answer === undefined) return undefined;
  const { actualOrderId } = answer;
  const hasTriggered =
    actualOrderId !== undefined &&
    actualOrderId !== null &&
    actualOrderId !== '' &&
    actualOrderId !== 0;
  const became = hasTriggered
    ? await findPlainOrder(
        callVenue,
        accountId,
        { symbol: answer.symbol, orderId: actualOrderId },
        signal,
      )
    : undefined;
  return decodeAlgoOrder(answer, became, ALGO_ENDPOINT);
}

/** Sends a read whose "no such thing" is an answer. */
async function callOrNothing<T>(
  callVenue: VenueCaller,
  call: VenueCall<T>,
): Promise<T | undefined> {
  const outcome = await callVenue(call);
  switch (outcome.kind) {
    case 'answered':
      return outcome.value;
    case 'not-sent':
    case 'lost':
      throw outcome.cause;
    case 'fault':
      if (outcome.fault.action === 'not-found') return undefined;
      throw faultError(outcome.fault, nameOf(call));
  }
}
