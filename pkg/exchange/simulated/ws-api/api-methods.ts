/**
 * Methods of the WebSocket API, each the same endpoint as over REST: one set of rules, one set of budgets.
 *
 * Source: the venue's pages "WebSocket API General Info", "New Order", "Modify Order", "Cancel Order", "Query Order",
 * "New Algo Order", "Cancel Algo Order", account and market data, and user data streams, below "websocket-api".
 */
export interface ApiMethod {
  /** `POST /fapi/v1/order`. */
  readonly endpoint: string;
  /** Weight where the method's page names another than REST's. */
  readonly weight?: number;
}

const METHODS: Readonly<Record<string, ApiMethod>> = {
  ping: { endpoint: 'GET /fapi/v1/ping' },
  time: { endpoint: 'GET /fapi/v1/time' },
  depth: { endpoint: 'GET /fapi/v1/depth' },
  'ticker.price': { endpoint: 'GET /fapi/v1/ticker/price' },
  'ticker.book': { endpoint: 'GET /fapi/v1/ticker/bookTicker' },
  'order.place': { endpoint: 'POST /fapi/v1/order' },
  'order.modify': { endpoint: 'PUT /fapi/v1/order', weight: 1 },
  'order.cancel': { endpoint: 'DELETE /fapi/v1/order' },
  'order.status': { endpoint: 'GET /fapi/v1/order' },
  'algoOrder.place': { endpoint: 'POST /fapi/v1/algoOrder' },
  'algoOrder.cancel': { endpoint: 'DELETE /fapi/v1/algoOrder' },
  'account.balance': { endpoint: 'GET /fapi/v2/balance' },
  'v2/account.balance': { endpoint: 'GET /fapi/v3/balance' },
  'account.status': { endpoint: 'GET /fapi/v2/account' },
  'v2/account.status': { endpoint: 'GET /fapi/v3/account' },
  'account.position': { endpoint: 'GET /fapi/v2/positionRisk' },
  'v2/account.position': { endpoint: 'GET /fapi/v3/positionRisk' },
  'userDataStream.start': { endpoint: 'POST /fapi/v1/listenKey' },
  'userDataStream.ping': { endpoint: 'PUT /fapi/v1/listenKey' },
  'userDataStream.stop': { endpoint: 'DELETE /fapi/v1/listenKey' },
};

/** Returns the method of a name, which may carry the first version: `v1/order.place`. */
export function findApiMethod(name: string): ApiMethod | undefined {
  const plain = name.replace(/^v1\//, '');
  return Object.hasOwn(METHODS, plain) ? METHODS[plain] : undefined;
}
