/** Endpoints that place, change, cancel and list orders. Orders weigh nothing on the address but count on the account. */
import { cancelAlgo, cancelAllAlgos, placeAlgo, queryAlgo } from './algo-orders.ts';
import { acknowledgedOrder, algoAnswer, algoBody, orderAnswer, orderBody } from './bodies.ts';
import type { Endpoint, EndpointCall } from './endpoint.ts';
import { cancelAllOrders, cancelOrder, modifyOrder, placeOrder, queryOrder } from './orders.ts';
import {
  optionalInteger,
  optionalOneOf,
  optionalText,
  text,
  type Parameters,
} from './parameters.ts';
import { VenueRejection } from './rejection.ts';
import type { AccountRow } from './rows.ts';
import { listedSymbol, type World } from './world.ts';

const ROWS_MAX = 1000;
const ROWS_DEFAULT = 500;

const weighs = (weight: number) => (): number => weight;
const listWeight = (parameters: Parameters): number =>
  optionalText(parameters, 'symbol') === undefined ? 40 : 1;

function postOrder({ world, parameters }: EndpointCall, account: AccountRow): unknown {
  const answer = optionalOneOf(parameters, 'newOrderRespType', ['ACK', 'RESULT']) ?? 'ACK';
  const order = placeOrder(world, account, parameters);
  return answer === 'RESULT' ? orderAnswer(order) : acknowledgedOrder(order);
}

interface Numbered {
  readonly symbol: string;
  readonly account: string;
}

function inSymbol<Row extends Numbered>(
  world: World,
  rows: Iterable<Row>,
  parameters: Parameters,
): readonly Row[] {
  const asked = optionalText(parameters, 'symbol');
  const symbol = asked === undefined ? undefined : listedSymbol(world, asked).symbol;
  return [...rows].filter((row) => symbol === undefined || row.symbol === symbol);
}

function newest<Row>(rows: readonly Row[], parameters: Parameters): readonly Row[] {
  const limit = optionalInteger(parameters, 'limit') ?? ROWS_DEFAULT;
  if (limit < 1 || limit > ROWS_MAX) throw new VenueRejection('-1130');
  return rows.slice(-limit);
}

function allOrders({ world, parameters }: EndpointCall, account: AccountRow): unknown {
  text(parameters, 'symbol');
  const mine = [...world.state.rows('orders')].filter((row) => row.account === account.key);
  return newest(inSymbol(world, mine, parameters), parameters).map(orderBody);
}

function allAlgoOrders({ world, parameters }: EndpointCall, account: AccountRow): unknown {
  text(parameters, 'symbol');
  const mine = [...world.state.rows('algos')].filter((row) => row.account === account.key);
  const rows = newest(inSymbol(world, mine, parameters), parameters);
  return rows.map((algo) => algoBody(world, algo));
}

export const ORDER_ENDPOINTS: readonly Endpoint[] = [
  {
    method: 'POST',
    path: '/fapi/v1/order',
    security: 'signed',
    weight: weighs(0),
    isOrder: true,
    run: postOrder,
  },
  {
    method: 'PUT',
    path: '/fapi/v1/order',
    security: 'signed',
    weight: weighs(0),
    isOrder: true,
    run: ({ world, parameters }, account) => orderAnswer(modifyOrder(world, account, parameters)),
  },
  {
    method: 'GET',
    path: '/fapi/v1/order',
    security: 'signed',
    weight: weighs(1),
    run: ({ world, parameters }, account) => orderBody(queryOrder(world, account, parameters)),
  },
  {
    method: 'DELETE',
    path: '/fapi/v1/order',
    security: 'signed',
    weight: weighs(1),
    run: ({ world, parameters }, account) => orderAnswer(cancelOrder(world, account, parameters)),
  },
  {
    method: 'DELETE',
    path: '/fapi/v1/allOpenOrders',
    security: 'signed',
    weight: weighs(1),
    run: ({ world, parameters }, account) => {
      cancelAllOrders(world, account, parameters);
      return { code: 200, msg: 'The operation of cancel all open order is done.' };
    },
  },
  {
    method: 'GET',
    path: '/fapi/v1/openOrder',
    security: 'signed',
    weight: weighs(1),
    run: ({ world, parameters }, account) => {
      const order = queryOrder(world, account, parameters);
      if (order.status !== 'NEW' && order.status !== 'PARTIALLY_FILLED') {
        throw new VenueRejection('-2013');
      }
      return orderBody(order);
    },
  },
  {
    method: 'GET',
    path: '/fapi/v1/openOrders',
    security: 'signed',
    weight: listWeight,
    run: ({ world, parameters }, account) =>
      inSymbol(world, world.state.openOrdersOf(account.key), parameters).map(orderBody),
  },
  {
    method: 'GET',
    path: '/fapi/v1/allOrders',
    security: 'signed',
    weight: weighs(5),
    run: allOrders,
  },
  {
    method: 'POST',
    path: '/fapi/v1/algoOrder',
    security: 'signed',
    weight: weighs(0),
    isOrder: true,
    run: ({ world, parameters }, account) => algoAnswer(placeAlgo(world, account, parameters)),
  },
  {
    method: 'GET',
    path: '/fapi/v1/algoOrder',
    security: 'signed',
    weight: weighs(1),
    run: ({ world, parameters }, account) => algoBody(world, queryAlgo(world, account, parameters)),
  },
  {
    method: 'DELETE',
    path: '/fapi/v1/algoOrder',
    security: 'signed',
    weight: weighs(1),
    run: ({ world, parameters }, account) => {
      const algo = cancelAlgo(world, account, parameters);
      return {
        algoId: algo.algoId,
        clientAlgoId: algo.clientAlgoId,
        code: '200',
        msg: 'success',
      };
    },
  },
  {
    method: 'DELETE',
    path: '/fapi/v1/algoOpenOrders',
    security: 'signed',
    weight: weighs(1),
    run: ({ world, parameters }, account) => {
      cancelAllAlgos(world, account, parameters);
      return { code: 200, msg: 'The operation of cancel all open order is done.' };
    },
  },
  {
    method: 'GET',
    path: '/fapi/v1/openAlgoOrders',
    security: 'signed',
    weight: listWeight,
    run: ({ world, parameters }, account) =>
      inSymbol(world, world.state.openAlgosOf(account.key), parameters).map((algo) =>
        algoBody(world, algo),
      ),
  },
  {
    method: 'GET',
    path: '/fapi/v1/allAlgoOrders',
    security: 'signed',
    weight: weighs(5),
    run: allAlgoOrders,
  },
];
