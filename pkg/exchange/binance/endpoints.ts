/**
 * Every endpoint that the fleet sends to, with what a request to it costs.
 *
 * Weights: the doc comments of the venue's own connector (`@binance/derivatives-trading-usds-futures`, commit
 * 41408945, 2026-06-02), which agree with developers.binance.com, USD-M futures, "Request Weight". Order
 * placement costs no weight of the address but counts on the account's 10 s and 1 min order limits;
 * cancellations count on neither.
 */
export interface Endpoint {
  /** `GET /fapi/v1/time`: the name in logs, metrics and errors. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** `key` sends the API key alone, `signed` adds time stamp and signature. */
  readonly security: 'public' | 'key' | 'signed';
  readonly weight: number | ((parameters: RequestParameters) => number);
  readonly orderCount: number;
}

export type ParameterValue = string | number | boolean | undefined;
/** In the order in which they are sent and signed; undefined ones are left out. */
export type RequestParameters = Readonly<Record<string, ParameterValue>>;

const ALL_SYMBOLS_WEIGHT = 40;
const oneSymbolOrAll = (parameters: RequestParameters): number =>
  parameters['symbol'] === undefined ? ALL_SYMBOLS_WEIGHT : 1;

export const ENDPOINTS = {
  time: endpoint('GET', '/fapi/v1/time', 'public', 1),
  exchangeInfo: endpoint('GET', '/fapi/v1/exchangeInfo', 'public', 1),
  klines: endpoint('GET', '/fapi/v1/klines', 'public', (parameters) =>
    klinesWeight(Number(parameters['limit'] ?? 500)),
  ),
  premiumIndex: endpoint('GET', '/fapi/v1/premiumIndex', 'public', (parameters) =>
    parameters['symbol'] === undefined ? 10 : 1,
  ),
  leverageBracket: endpoint('GET', '/fapi/v1/leverageBracket', 'signed', 1),
  balance: endpoint('GET', '/fapi/v3/balance', 'signed', 5),
  positionRisk: endpoint('GET', '/fapi/v3/positionRisk', 'signed', 5),
  openOrders: endpoint('GET', '/fapi/v1/openOrders', 'signed', oneSymbolOrAll),
  openAlgoOrders: endpoint('GET', '/fapi/v1/openAlgoOrders', 'signed', oneSymbolOrAll),
  userTrades: endpoint('GET', '/fapi/v1/userTrades', 'signed', 5),
  forceOrders: endpoint('GET', '/fapi/v1/forceOrders', 'signed', ({ symbol }) =>
    symbol === undefined ? 50 : 20,
  ),
  income: endpoint('GET', '/fapi/v1/income', 'signed', 30),
  readOrder: endpoint('GET', '/fapi/v1/order', 'signed', 1),
  readAlgoOrder: endpoint('GET', '/fapi/v1/algoOrder', 'signed', 1),
  placeOrder: endpoint('POST', '/fapi/v1/order', 'signed', 0, 1),
  modifyOrder: endpoint('PUT', '/fapi/v1/order', 'signed', 0, 1),
  cancelOrder: endpoint('DELETE', '/fapi/v1/order', 'signed', 1),
  placeAlgoOrder: endpoint('POST', '/fapi/v1/algoOrder', 'signed', 0, 1),
  cancelAlgoOrder: endpoint('DELETE', '/fapi/v1/algoOrder', 'signed', 1),
  positionMode: endpoint('POST', '/fapi/v1/positionSide/dual', 'signed', 1),
  marginType: endpoint('POST', '/fapi/v1/marginType', 'signed', 1),
  leverage: endpoint('POST', '/fapi/v1/leverage', 'signed', 1),
  /** Of the wallet's host, whose limits are others; booked here all the same, for a simulated venue serves both. */
  keyPermissions: endpoint('GET', '/sapi/v1/account/apiRestrictions', 'signed', 1),
  openListenKey: endpoint('POST', '/fapi/v1/listenKey', 'key', 1),
  extendListenKey: endpoint('PUT', '/fapi/v1/listenKey', 'key', 1),
} as const satisfies Record<string, Endpoint>;

/** Returns the address weight of one request. */
export function requestWeight(target: Endpoint, parameters: RequestParameters): number {
  return typeof target.weight === 'number' ? target.weight : target.weight(parameters);
}

function endpoint(
  method: Endpoint['method'],
  path: string,
  security: Endpoint['security'],
  weight: Endpoint['weight'],
  orderCount = 0,
): Endpoint {
  return { name: `${method} ${path}`, method, path, security, weight, orderCount };
}

function klinesWeight(limit: number): number {
  if (limit < 100) return 1;
  if (limit < 500) return 2;
  return limit <= 1_000 ? 5 : 10;
}
