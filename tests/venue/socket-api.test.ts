/** The WebSocket API for orders: its own forms, the rules and budgets of REST, and a third-party client on it. */
import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { WebsocketAPIClient } from 'binance';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import {
  createVenueAdmin,
  startSimulatedVenue,
  type SimulatedVenue,
  type VenueAdmin,
} from '#pkg/exchange/simulated';
import { openStream, type Frame, type StreamSocket } from './stream-socket.ts';
import { createWire } from './wire-client.ts';

const ACCOUNT = { key: 'api-key', secret: 'api-secret' };
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const ED25519 = {
  key: 'ed-key',
  secret: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
};
let venue: SimulatedVenue;
let admin: VenueAdmin;
let api: StreamSocket;

beforeEach(async () => {
  venue = await startSimulatedVenue({
    accounts: [
      { ...ACCOUNT, balance: '10000' },
      { ...ED25519, balance: '10000' },
    ],
  });
  admin = createVenueAdmin(venue.urls.admin);
  api = await openStream(venue.urls.socketApi);
});
afterEach(async () => {
  api[Symbol.dispose]();
  await venue[Symbol.asyncDispose]();
});

type Params = Readonly<Record<string, string | number | boolean>>;
let sequence = 0;

async function ask(method: string, params?: Params, on = api): Promise<Frame> {
  const id = `request-${(sequence += 1)}`;
  on.send({ id, method, ...(params === undefined ? {} : { params }) });
  return on.next((frame) => frame['id'] === id);
}

function payload(params: Params): string {
  return Object.keys(params)
    .toSorted()
    .map((name) => `${name}=${params[name]}`)
    .join('&');
}

/** Parameters with key, time and HMAC signature. */
function signed(params: Params = {}): Params {
  const all = { ...params, apiKey: ACCOUNT.key, timestamp: venue.runtime.clock.nowMs() };
  const signature = createHmac('sha256', ACCOUNT.secret).update(payload(all)).digest('hex');
  return { ...all, signature };
}

function signedBy(key: KeyObject, params: Params = {}): Params {
  const all = { ...params, apiKey: ED25519.key, timestamp: venue.runtime.clock.nowMs() };
  return { ...all, signature: sign(null, Buffer.from(payload(all)), key).toString('base64') };
}

const limit = { symbol: 'SOLUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC' };
const resultOf = (frame: Frame) => frame['result'] as Readonly<Record<string, unknown>>;
const errorOf = (frame: Frame) => frame['error'] as Readonly<Record<string, unknown>>;

describe('orders', () => {
  test('are placed, changed, looked up and cancelled, each answer with the limits', async () => {
    const placed = await ask(
      'order.place',
      signed({ ...limit, price: '90.00', quantity: '2', newClientOrderId: 'by-socket' }),
    );
    expect(placed['status']).toBe(200);
    expect(resultOf(placed)).toMatchObject({ clientOrderId: 'by-socket', status: 'NEW' });
    expect(placed['rateLimits']).toEqual([
      {
        rateLimitType: 'REQUEST_WEIGHT',
        interval: 'MINUTE',
        intervalNum: 1,
        limit: 2400,
        count: 5,
      },
      { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 300, count: 1 },
      { rateLimitType: 'ORDERS', interval: 'MINUTE', intervalNum: 1, limit: 1200, count: 1 },
    ]);
    const which = { symbol: 'SOLUSDT', origClientOrderId: 'by-socket' };
    const changed = await ask(
      'order.modify',
      signed({ ...which, side: 'BUY', price: '91.00', quantity: '2' }),
    );
    expect(changed['status']).toBe(200);
    expect(resultOf(await ask('order.status', signed(which)))).toMatchObject({ price: '91' });
    expect(resultOf(await ask('v1/order.cancel', signed(which)))).toMatchObject({
      status: 'CANCELED',
    });
    const again = await ask('order.cancel', signed(which));
    expect([again['status'], errorOf(again)['code']]).toEqual([400, -2011]);
  });

  test('meet the same rules as over REST', async () => {
    const wire = createWire(venue.urls.rest, ACCOUNT);
    const bad: readonly Params[] = [
      { ...limit, symbol: 'NOPEUSDT', price: '90.00', quantity: '1' },
      { ...limit, price: '90.001', quantity: '1' },
      { ...limit, price: '90.00' },
      { ...limit, type: 'STOP_MARKET', stopPrice: '80.00', quantity: '1' },
      { ...limit, price: '90.00', quantity: '1', positionSide: 'LONG' },
    ];
    for (const params of bad) {
      const rest = await wire('POST', '/fapi/v1/order', {
        parameters: params as Readonly<Record<string, string>>,
      });
      const { code, msg } = errorOf(await ask('order.place', signed(params)));
      expect({ code, msg }).toEqual(rest.body);
    }
  });

  test('that are conditional are placed and cancelled', async () => {
    const placed = await ask(
      'algoOrder.place',
      signed({
        algoType: 'CONDITIONAL',
        symbol: 'SOLUSDT',
        side: 'BUY',
        type: 'STOP_MARKET',
        triggerPrice: '500.00',
        quantity: '1',
        clientAlgoId: 'stop',
      }),
    );
    expect(resultOf(placed)).toMatchObject({ clientAlgoId: 'stop', algoStatus: 'NEW' });
    const gone = await ask('algoOrder.cancel', signed({ clientAlgoId: 'stop' }));
    expect(gone['status']).toBe(200);
  });
});

test('account, prices, book and stream keys are answered as REST answers them', async () => {
  const symbol = { symbol: 'SOLUSDT' };
  for (const method of ['ping', 'time', 'depth', 'ticker.price', 'ticker.book'] as const) {
    const frame = await ask(method, method === 'ping' || method === 'time' ? undefined : symbol);
    expect({ method, status: frame['status'] }).toEqual({ method, status: 200 });
  }
  for (const name of ['account.balance', 'account.status', 'account.position']) {
    for (const method of [name, `v2/${name}`]) {
      expect({ method, ...(await ask(method, signed())) }).toMatchObject({ method, status: 200 });
    }
  }
  const { key: apiKey } = ACCOUNT;
  const { listenKey } = resultOf(await ask('userDataStream.start', { apiKey }));
  expect(resultOf(await ask('userDataStream.ping', { apiKey }))).toEqual({ listenKey });
  expect(resultOf(await ask('userDataStream.stop', { apiKey }))).toEqual({});
  expect(errorOf(await ask('userDataStream.ping', { apiKey }))['code']).toBe(-1125);
});

describe('a session', () => {
  test('is logged on with an Ed25519 key, which then signs nothing more', async () => {
    expect(resultOf(await ask('session.status'))).toMatchObject({
      apiKey: null,
      authorizedSince: null,
    });
    const refused = await ask('session.logon', signed());
    expect(refused['status']).toBe(401);
    const { privateKey: wrong } = generateKeyPairSync('ed25519');
    expect(errorOf(await ask('session.logon', signedBy(wrong)))['code']).toBe(-1022);
    expect(resultOf(await ask('session.logon', signedBy(privateKey)))).toMatchObject({
      apiKey: ED25519.key,
    });
    const placed = await ask('order.place', {
      ...limit,
      price: '90.00',
      quantity: '1',
      newClientOrderId: 'unsigned',
    });
    expect(placed['status']).toBe(200);
    const { orders } = await admin.state();
    expect(orders?.[0]).toMatchObject({ account: ED25519.key, clientOrderId: 'unsigned' });
    // An explicit key goes first.
    expect((await ask('order.status', signed({ symbol: 'SOLUSDT', orderId: 1 })))['status']).toBe(
      400,
    );
    await admin.order({ key: { key: ED25519.key, isRevoked: true } });
    expect(errorOf(await ask('account.balance'))['code']).toBe(-2015);
    expect(resultOf(await ask('session.status'))['apiKey']).toBeNull();
    await admin.order({ key: { key: ED25519.key, isRevoked: false } });
    await ask('session.logon', signedBy(privateKey));
    expect(resultOf(await ask('session.logout'))).toMatchObject({ apiKey: null });
    expect(errorOf(await ask('account.balance'))['code']).toBe(-2014);
  });

  test('shares its weight with REST, and is refused with the time to wait', async () => {
    const wire = createWire(venue.urls.rest, ACCOUNT);
    await ask('account.balance', signed());
    const after = await wire('GET', '/fapi/v1/time');
    expect(after.headers['x-mbx-used-weight-1m']).toBe('11');
    venue.runtime.addressLimits.take('127.0.0.1', 2_400, venue.runtime.clock.nowMs());
    const refused = await ask('time');
    expect([refused['status'], errorOf(refused)['code']]).toEqual([429, -1003]);
    const { serverTime, retryAfter } = errorOf(refused)['data'] as Record<string, number>;
    expect(Number(retryAfter)).toBeGreaterThan(Number(serverTime));
    await expect(openStream(venue.urls.socketApi)).rejects.toThrow('429');
  });

  test('hides the limits where it is told to, for all or for one request', async () => {
    using quiet = await openStream(`${venue.urls.socketApi}?returnRateLimits=false`);
    expect(await ask('time', undefined, quiet)).not.toHaveProperty('rateLimits');
    expect(await ask('time', { returnRateLimits: true }, quiet)).toHaveProperty('rateLimits');
    expect(await ask('time', { returnRateLimits: false })).not.toHaveProperty('rateLimits');
  });

  test('answers mistakes of form, and is cut on order', async () => {
    const answers: readonly (readonly [unknown, number])[] = [
      ['{', -1013],
      ['[]', -1013],
      [{ id: 1 }, -1102],
      [{ id: 2, method: 'order.fly' }, -1020],
      [{ id: 3, method: 'order.place', params: [] }, -1102],
      [{ id: 4, method: 'order.place' }, -2014],
    ];
    for (const [index, [message, code]] of answers.entries()) {
      api.send(message);
      const frame = await api.next(() => api.frames.length > index);
      expect(frame).toBeDefined();
      expect(errorOf(api.frames[index] ?? {})['code']).toBe(code);
    }
    await admin.order({ loseReplies: { endpoint: 'order.place', count: 1 } });
    api.send({
      id: 'lost',
      method: 'order.place',
      params: signed({ ...limit, price: '90.00', quantity: '1' }),
    });
    expect(await api.closed).toBe(1006);
    expect((await admin.summary()).ordersAccepted).toBe(1);
  });
});

test('a third-party client signs, places, looks up and cancels unchanged', async () => {
  const silent = { trace: () => undefined, info: () => undefined, error: () => undefined };
  const client = new WebsocketAPIClient(
    {
      api_key: ACCOUNT.key,
      api_secret: ACCOUNT.secret,
      // It adds the path by itself.
      wsUrl: venue.urls.socketApi.replace('/ws-fapi/v1', ''),
      attachEventListeners: false,
    },
    silent,
  );
  const placed = await client.submitNewFuturesOrder('usdm', {
    symbol: 'SOLUSDT',
    side: 'BUY',
    type: 'LIMIT',
    timeInForce: 'GTC',
    price: '90.00',
    quantity: '2',
    newClientOrderId: 'x-sdk:order/1',
    timestamp: venue.runtime.clock.nowMs(),
  });
  expect(placed.result).toMatchObject({ symbol: 'SOLUSDT', status: 'NEW' });
  const { orderId } = placed.result;
  const found = await client.getFuturesOrderStatus('usdm', {
    symbol: 'SOLUSDT',
    orderId,
    timestamp: venue.runtime.clock.nowMs(),
  });
  expect(found.result).toMatchObject({ orderId, origQty: '2' });
  const gone = await client.cancelFuturesOrder('usdm', {
    symbol: 'SOLUSDT',
    orderId,
    timestamp: venue.runtime.clock.nowMs(),
  });
  expect(gone.result).toMatchObject({ status: 'CANCELED' });
  const book = await client.getFuturesOrderBook({ symbol: 'SOLUSDT', limit: 5 });
  expect(book.result.bids).toHaveLength(5);
  await client.disconnectAll();
});
