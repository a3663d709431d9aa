/** Endpoints that place, change, cancel and list orders. Orders weigh nothing on the address but count on the account. */
import { amendmentsOf, modifyOrder } from '../amendments.ts';
import { cancelAlgo, cancelAlgosIn, placeAlgo, queryAlgo } from '../algo-orders.ts';
import { windCountdown } from '../countdowns.ts';
import { isOpen } from '../order-checks.ts';
import { cancelOrder, cancelOrdersIn, examineOrder, placeOrder, queryOrder } from '../orders.ts';
import {
  optionalInteger,
  optionalOneOf,
  optionalText,
  text,
  type Parameters,
} from '../parameters.ts';
import { missing, VenueRejection } from '../rejection.ts';
import type { AccountRow } from '../rows.ts';
import { listedSymbol, type World } from '../world.ts';
import { bySymbol, cut, limitOf, signed, type Endpoint, type EndpointCall } from './endpoint.ts';
import {
  acknowledgedOrder,
  algoAnswer,
  algoBody,
  amendmentBody,
  forceOrderBody,
  orderAnswer,
  orderBody,
} from './order-bodies.ts';

/** Source: the venue's pages "All Orders", "Query All Algo Orders" and "User's Force Orders". */
const ROWS = { normal: 500, most: 1000, recentDays: 7, spanDays: 7 };
const FORCE_ROWS = { normal: 50, most: 100, recentDays: 7 };
const BATCH_MAX = 5;
const BATCH_CANCEL_MAX = 10;
const DAY_MS = 86_400_000;
const ALL_CANCELED = { code: 200, msg: 'The operation of cancel all open order is done.' } as const;

const ONE_ORDER = { '10S': 1, '1M': 1 } as const;
/** A batch counts five on ten seconds but one on a minute. */
const ONE_BATCH = { '10S': 5, '1M': 1 } as const;

function postOrder({ world, parameters }: EndpointCall, account: AccountRow): unknown {
  const answer = optionalOneOf(parameters, 'newOrderRespType', ['ACK', 'RESULT'], '-1136') ?? 'ACK';
  const order = placeOrder(world, account, parameters);
  return answer === 'RESULT' ? orderAnswer(order) : acknowledgedOrder(order);
}

function inSymbol<Row extends { readonly symbol: string }>(
  world: World,
  rows: Iterable<Row>,
  parameters: Parameters,
): readonly Row[] {
  const asked = optionalText(parameters, 'symbol');
  const symbol = asked === undefined ? undefined : listedSymbol(world, asked).symbol;
  return [...rows].filter((row) => symbol === undefined || row.symbol === symbol);
}

/** Each of a batch stands alone: what is refused is answered in its place. */
function each(parameters: Parameters, run: (one: Parameters) => unknown): readonly unknown[] {
  return batchOf(parameters).map((one) => {
    try {
      return run(one);
    } catch (thrown) {
      if (thrown instanceof VenueRejection) return { code: thrown.venueCode, msg: thrown.message };
      throw thrown;
    }
  });
}

function batchOf(parameters: Parameters): readonly Parameters[] {
  const list = parseList(parameters, 'batchOrders') ?? missing('batchOrders');
  if (list.length < 1 || list.length > BATCH_MAX) throw new VenueRejection('-4082');
  return list.map((one) => {
    if (typeof one !== 'object' || one === null) return missing('batchOrders');
    return Object.fromEntries(Object.entries(one).map(([name, value]) => [name, String(value)]));
  });
}

function parseList(parameters: Parameters, name: string): readonly unknown[] | undefined {
  const given = optionalText(parameters, name);
  if (given === undefined) return undefined;
  try {
    const list: unknown = JSON.parse(given);
    return Array.isArray(list) ? (list as readonly unknown[]) : missing(name);
  } catch {
    return missing(name);
  }
}

function cancelBatch({ world, parameters }: EndpointCall, account: AccountRow): unknown {
  const symbol = text(parameters, 'symbol');
  const ids = parseList(parameters, 'orderIdList') ?? [];
  const names = parseList(parameters, 'origClientOrderIdList') ?? [];
  const wanted: readonly Parameters[] = [
    ...ids.map((orderId) => ({ symbol, orderId: String(orderId) })),
    ...names.map((origClientOrderId) => ({
      symbol,
      origClientOrderId: String(origClientOrderId),
    })),
  ];
  if (wanted.length === 0) missing('orderIdList');
  if (wanted.length > BATCH_CANCEL_MAX) throw new VenueRejection('-4082');
  return wanted.map((one) => {
    try {
      return orderAnswer(cancelOrder(world, account, one));
    } catch (thrown) {
      if (thrown instanceof VenueRejection) return { code: thrown.venueCode, msg: thrown.message };
      throw thrown;
    }
  });
}

/** Cancelled orders that never traded are forgotten after three days, as the page "All Orders" says. */
function allOrders(call: EndpointCall, account: AccountRow): unknown {
  const { world, parameters } = call;
  const fromId = optionalInteger(parameters, 'orderId');
  const rows = inSymbol(world, world.state.ordersOf(account.key), parameters).filter((order) => {
    const isForgotten =
      !isOpen(order) && order.executed === '0' && order.createdAtMs < world.nowMs - 3 * DAY_MS;
    return !isForgotten && order.orderId >= (fromId ?? 0);
  });
  if (fromId !== undefined) return rows.slice(0, limitOf(parameters, ROWS)).map(orderBody);
  const dated = rows.map((order) => ({ order, symbol: order.symbol, atMs: order.createdAtMs }));
  return cut(dated, call, ROWS).map(({ order }) => orderBody(order));
}

function allAlgoOrders(call: EndpointCall, account: AccountRow): unknown {
  const { world, parameters } = call;
  text(parameters, 'symbol');
  const fromId = optionalInteger(parameters, 'algoId') ?? 0;
  const rows = inSymbol(world, world.state.algosOf(account.key), parameters)
    .filter((algo) => algo.algoId >= fromId)
    .map((algo) => ({ algo, symbol: algo.symbol, atMs: algo.createdAtMs }));
  return cut(rows, call, ROWS).map(({ algo }) => algoBody(world, algo));
}

function forceOrders(call: EndpointCall, account: AccountRow): unknown {
  const { world, parameters } = call;
  const kind = optionalOneOf(parameters, 'autoCloseType', ['LIQUIDATION', 'ADL']);
  const rows = inSymbol(world, world.state.ordersOf(account.key), parameters)
    .filter((order) => (kind === undefined ? order.autoClose !== '' : order.autoClose === kind))
    .map((order) => ({ order, symbol: order.symbol, atMs: order.createdAtMs }));
  return cut(rows, call, FORCE_ROWS).map(({ order }) => forceOrderBody(order));
}

export const ORDER_ENDPOINTS: readonly Endpoint[] = [
  { ...signed('POST', '/fapi/v1/order', 0, postOrder), orders: ONE_ORDER },
  signed('POST', '/fapi/v1/order/test', 0, ({ world, parameters }, account) =>
    acknowledgedOrder(examineOrder(world, account, parameters)),
  ),
  {
    ...signed('PUT', '/fapi/v1/order', 0, ({ world, parameters }, account) =>
      orderAnswer(modifyOrder(world, account, parameters)),
    ),
    orders: ONE_ORDER,
  },
  signed('GET', '/fapi/v1/order', 1, ({ world, parameters }, account) =>
    orderBody(queryOrder(world, account, parameters)),
  ),
  signed('DELETE', '/fapi/v1/order', 1, ({ world, parameters }, account) =>
    orderAnswer(cancelOrder(world, account, parameters)),
  ),
  {
    ...signed('POST', '/fapi/v1/batchOrders', 5, (call, account) =>
      each(call.parameters, (parameters) => postOrder({ ...call, parameters }, account)),
    ),
    orders: ONE_BATCH,
  },
  {
    ...signed('PUT', '/fapi/v1/batchOrders', 5, ({ world, parameters }, account) =>
      each(parameters, (one) => orderAnswer(modifyOrder(world, account, one))),
    ),
    orders: ONE_BATCH,
  },
  signed('DELETE', '/fapi/v1/batchOrders', 1, cancelBatch),
  signed('DELETE', '/fapi/v1/allOpenOrders', 1, ({ world, parameters }, account) => {
    cancelOrdersIn(world, account.key, listedSymbol(world, text(parameters, 'symbol')).symbol);
    return ALL_CANCELED;
  }),
  signed('POST', '/fapi/v1/countdownCancelAll', 10, ({ world, parameters }, account) =>
    windCountdown(world, account, parameters),
  ),
  signed('GET', '/fapi/v1/openOrder', 1, ({ world, parameters }, account) => {
    const order = queryOrder(world, account, parameters);
    if (!isOpen(order)) throw new VenueRejection('-2013');
    return orderBody(order);
  }),
  signed('GET', '/fapi/v1/openOrders', bySymbol(1, 40), ({ world, parameters }, account) =>
    inSymbol(world, world.state.openOrdersOf(account.key), parameters).map(orderBody),
  ),
  signed('GET', '/fapi/v1/allOrders', 5, allOrders),
  signed('GET', '/fapi/v1/orderAmendment', 1, ({ world, parameters }, account) =>
    amendmentsOf(world, account, parameters).map(amendmentBody),
  ),
  signed('GET', '/fapi/v1/forceOrders', bySymbol(20, 50), forceOrders),
  {
    ...signed('POST', '/fapi/v1/algoOrder', 0, ({ world, parameters }, account) =>
      algoAnswer(placeAlgo(world, account, parameters)),
    ),
    orders: ONE_ORDER,
  },
  signed('GET', '/fapi/v1/algoOrder', 1, ({ world, parameters }, account) =>
    algoBody(world, queryAlgo(world, account, parameters)),
  ),
  signed('DELETE', '/fapi/v1/algoOrder', 1, ({ world, parameters }, account) => {
    const { algoId, clientAlgoId } = cancelAlgo(world, account, parameters);
    return { algoId, clientAlgoId, code: '200', msg: 'success' };
  }),
  signed('DELETE', '/fapi/v1/algoOpenOrders', 1, ({ world, parameters }, account) => {
    cancelAlgosIn(world, account.key, listedSymbol(world, text(parameters, 'symbol')).symbol);
    return ALL_CANCELED;
  }),
  signed('GET', '/fapi/v1/openAlgoOrders', bySymbol(1, 40), ({ world, parameters }, account) =>
    inSymbol(world, world.state.openAlgosOf(account.key), parameters).map((algo) =>
      algoBody(world, algo),
    ),
  ),
  signed('GET', '/fapi/v1/allAlgoOrders', 5, allAlgoOrders),
];
