/** The wire as a client meets it: refusals, limits by source address, faults on order, streams. */
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createManualClock, createSeededRandom, createSystemClock } from '#pkg/base';
import {
  createVenueAdmin,
  startSimulatedVenue,
  type FaultRequest,
  type SimulatedVenue,
} from '#pkg/exchange/simulated';
import { eventually } from '../harness/eventually.ts';
import { createWire, type Wire } from './wire-client.ts';

const ACCOUNT = { key: 'wire-key', secret: 'wire-secret' };
const clock = createSystemClock();
const admin = () => createVenueAdmin(venue.urls.admin);
const order = (request: FaultRequest) => admin().order(request);
let venue: SimulatedVenue;
let wire: Wire;

beforeEach(async () => {
  venue = await startSimulatedVenue({ accounts: [{ ...ACCOUNT, balance: '10000' }] });
  wire = createWire(venue.urls.rest, ACCOUNT);
});
afterEach(async () => {
  await venue[Symbol.asyncDispose]();
});

const market = (id: string): Readonly<Record<string, string | number>> => ({
  symbol: 'SOLUSDT',
  side: 'BUY',
  type: 'MARKET',
  quantity: 1,
  newClientOrderId: id,
});

describe('refusals', () => {
  const path = '/fapi/v1/order';
  test.each([
    ['an unknown key', 401, -2015, { key: 'nobody' }],
    ['no key', 401, -2014, { key: '' }],
    ['a wrong secret', 400, -1022, { secret: 'other' }],
    ['an old time stamp', 400, -1021, { timestampMs: 1 }],
    ['no signature', 400, -1102, { isUnsigned: true }],
    ['an unlisted symbol', 400, -1121, { parameters: { ...market('a'), symbol: 'NOPEUSDT' } }],
    ['too small a quantity', 400, -1111, { parameters: { ...market('a'), quantity: '0.001' } }],
    ['no quantity', 400, -1102, { parameters: { ...market('a'), quantity: '' } }],
    ['a zero quantity', 400, -4003, { parameters: { ...market('a'), quantity: 0 } }],
    [
      'more than the account can carry',
      400,
      -2019,
      { parameters: { ...market('a'), quantity: 9000 } },
    ],
    ['a worth below the minimum', 400, -4164, { parameters: { ...market('a'), quantity: '0.01' } }],
    ['a conditional type', 400, -4120, { parameters: { ...market('a'), type: 'STOP_MARKET' } }],
    [
      'a side of the other mode',
      400,
      -4061,
      { parameters: { ...market('a'), positionSide: 'LONG' } },
    ],
    ['a reduction of nothing', 400, -2022, { parameters: { ...market('a'), reduceOnly: 'true' } }],
  ])('%s is refused with %i %i', async (_what, status, code, options) => {
    const answer = await wire('POST', path, { parameters: market('a'), ...options });
    expect([answer.status, answer.body['code']]).toEqual([status, code]);
    expect(typeof answer.body['msg']).toBe('string');
  });

  test('what is so already is refused as the venue does', async () => {
    const margin = { symbol: 'SOLUSDT', marginType: 'CROSSED' };
    const answers = [
      await wire('POST', '/fapi/v1/marginType', { parameters: margin }),
      await wire('POST', '/fapi/v1/positionSide/dual', {
        parameters: { dualSidePosition: 'false' },
      }),
      await wire('DELETE', path, { parameters: { symbol: 'SOLUSDT', orderId: 5 } }),
      await wire('GET', path, { parameters: { symbol: 'SOLUSDT', orderId: 5 } }),
    ];
    expect(answers.map((answer) => answer.body['code'])).toEqual([-4046, -4059, -2011, -2013]);
  });

  test('an id is refused while its order is open and accepted again afterwards', async () => {
    const limit = { ...market('twice'), type: 'LIMIT', timeInForce: 'GTC', price: '90.00' };
    const first = await wire('POST', path, { parameters: limit });
    const second = await wire('POST', path, { parameters: limit });
    await wire('DELETE', path, { parameters: { symbol: 'SOLUSDT', origClientOrderId: 'twice' } });
    const third = await wire('POST', path, { parameters: limit });
    expect([first.status, second.body['code'], third.status]).toEqual([200, -4116, 200]);
    expect(await admin().summary()).toMatchObject({ duplicateClientOrderIds: 1 });
  });
});

test('a key says what it may do, and without the futures permission it trades nothing', async () => {
  await venue[Symbol.asyncDispose]();
  const permissions = { futures: false, withdrawals: true };
  const owner = { ...ACCOUNT, balance: '10000', addresses: ['127.0.0.1'], permissions };
  venue = await startSimulatedVenue({ accounts: [owner] });
  wire = createWire(venue.urls.rest, ACCOUNT);
  const allowed = await wire('GET', '/sapi/v1/account/apiRestrictions');
  expect(allowed.body).toMatchObject({
    ipRestrict: true,
    enableFutures: false,
    enableWithdrawals: true,
  });
  const refused = await wire('POST', '/fapi/v1/order', { parameters: market('a') });
  expect([refused.status, refused.body['code']]).toEqual([401, -2015]);
  expect(refused.body['msg']).toContain('request ip: 127.0.0.1');
});

test('bytes that are no request and frames that are none end their connection, and nothing else', async () => {
  const { hostname, port } = new URL(venue.urls.rest);
  const random = createSeededRandom('garbage');
  const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n';
  const upgrade = `Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${key}\r\n`;
  const openings = [
    '',
    'GET /fapi/v1/time HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
    'POST // HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    `GET /%E0%A4%A HTTP/1.1\r\n${upgrade}`,
    `GET /market/ws/%E0%A4%A HTTP/1.1\r\n${upgrade}`,
    `GET /ws-fapi/v1 HTTP/1.1\r\n${upgrade}`,
    `GET /private/ws?listenKey=%FF&events= HTTP/1.1\r\n${upgrade}`,
  ];
  const send = (opening: string): Promise<void> =>
    new Promise((resolve) => {
      const socket = connect(Number(port), hostname);
      const noise = Buffer.from(Array.from({ length: 200 }, () => random.integer(256)));
      socket.on('error', () => undefined);
      socket.on('close', () => resolve());
      socket.on('data', () => undefined);
      socket.write(opening);
      socket.end(noise);
      void clock.sleep(2_000).then(() => socket.destroy());
    });
  await Promise.all(Array.from({ length: 70 }, (_, index) => send(openings[index % 7] ?? '')));
  expect((await wire('GET', '/fapi/v1/time')).status).toBe(200);
  await eventually(async () => {
    expect((await admin().summary()).sockets).toEqual({ market: 0, user: 0, api: 0 });
  });
});

describe('limits', () => {
  const startMs = Date.UTC(2026, 4, 3, 10, 0, 1);
  beforeEach(async () => {
    await venue[Symbol.asyncDispose]();
    venue = await startSimulatedVenue({
      accounts: [{ ...ACCOUNT, balance: '10000' }],
      clock: createManualClock(startMs),
    });
    const signed = createWire(venue.urls.rest, ACCOUNT);
    wire = (method, path, options) => signed(method, path, { timestampMs: startMs, ...options });
  });

  test('weight is counted for each source address on its own', async () => {
    const from = async (localAddress: string): Promise<unknown> => {
      const answer = await wire('GET', '/fapi/v1/time', { localAddress });
      return answer.headers['x-mbx-used-weight-1m'];
    };
    await from('127.0.3.1');
    expect([await from('127.0.3.1'), await from('127.0.4.1')]).toEqual(['2', '1']);
    const summary = await admin().summary();
    expect(summary['requestsByAddress']).toEqual({ '127.0.3.1': 2, '127.0.4.1': 1 });
  });

  test('over the limit come 429, then 418, each with the time to wait', async () => {
    const ask = () => wire('GET', '/fapi/v1/income');
    const statuses: number[] = [];
    for (let count = 0; count < 105; count += 1) {
      const answer = await ask();
      statuses.push(answer.status);
      if (answer.status === 200) continue;
      expect(answer.body['code']).toBe(-1003);
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    }
    expect(statuses.slice(0, 80).every((status) => status === 200)).toBe(true);
    expect(statuses.at(81)).toBe(429);
    expect(statuses.at(-1)).toBe(418);
  });

  test('one order too many in ten seconds is refused with the time to wait, whatever address it comes from', async () => {
    // Cancels do not count.
    const cancel = { symbol: 'SOLUSDT', orderId: 1 };
    await wire('DELETE', '/fapi/v1/order', { parameters: cancel, localAddress: '127.0.4.1' });
    const first = await wire('POST', '/fapi/v1/order', { parameters: market('first') });
    expect(first.headers['x-mbx-order-count-10s']).toBe('1');
    venue.runtime.orderLimits.take(ACCOUNT.key, startMs, { '10S': 298, '1M': 298 });
    const send = (id: string, localAddress: string) =>
      wire('POST', '/fapi/v1/order', { parameters: market(id), localAddress });
    expect((await send('last', '127.0.3.1')).status).toBe(200);
    const refused = await send('over', '127.0.4.1');
    expect([refused.status, refused.body['code']]).toEqual([429, -1015]);
    expect(refused.headers).toMatchObject({
      'x-mbx-order-count-10s': '301',
      'x-mbx-used-weight-1m': '1',
      'retry-after': '9',
    });
    expect((await admin().summary()).ordersAccepted).toBe(2);
  });

  test('orders weigh nothing on the address and count on the account', async () => {
    const answer = await wire('POST', '/fapi/v1/order', { parameters: market('count') });
    expect(answer.headers).toMatchObject({
      'x-mbx-used-weight-1m': '0',
      'x-mbx-order-count-10s': '1',
      'x-mbx-order-count-1m': '1',
    });
  });
});

describe('faults on order', () => {
  test('a lost reply leaves the order at the venue', async () => {
    await order({ loseReplies: { endpoint: 'POST /fapi/v1/order', count: 1 } });
    await expect(wire('POST', '/fapi/v1/order', { parameters: market('lost') })).rejects.toThrow(
      /closed|reset|terminated/,
    );
    const found = await wire('GET', '/fapi/v1/order', {
      parameters: { symbol: 'SOLUSDT', origClientOrderId: 'lost' },
    });
    expect(found.body).toMatchObject({ status: 'FILLED' });
  });

  test('a lost request leaves nothing', async () => {
    await order({ loseRequests: { endpoint: '*', count: 1 } });
    await expect(wire('POST', '/fapi/v1/order', { parameters: market('gone') })).rejects.toThrow(
      /closed|reset|terminated/,
    );
    expect(await admin().summary()).toMatchObject({ ordersAccepted: 0 });
  });

  test.each([
    ['timeout', 408, -1007],
    ['unknown503', 503, -1000],
    ['busy', 503, -1008],
  ] as const)(
    '%s answers with %i %i, carried out or not as ordered',
    async (kind, status, code) => {
      for (const executed of [true, false]) {
        await order({
          answer: { endpoint: 'POST /fapi/v1/order', count: 1, kind, executed },
        });
        const id = `${kind}-${executed}`;
        const answer = await wire('POST', '/fapi/v1/order', { parameters: market(id) });
        expect([answer.status, answer.body['code']]).toEqual([status, code]);
      }
      expect(await admin().summary()).toMatchObject({ ordersAccepted: 1 });
    },
  );

  test('a thin book, a gap and a delisting are ordered at the admin port and met on the wire', async () => {
    await order({ depth: { symbol: 'SOLUSDT', scale: 0 } });
    const nothing = await wire('POST', '/fapi/v1/order', {
      parameters: { ...market('thin'), newOrderRespType: 'RESULT' },
    });
    expect(nothing.body).toMatchObject({ status: 'EXPIRED', executedQty: '0' });
    const before = await admin().market('SOLUSDT');
    await order({ movePrice: { symbol: 'SOLUSDT', ratio: 0.5 } });
    const after = await admin().market('SOLUSDT');
    const [was, is] = [before, after].map(({ prices }) => Number(prices['SOLUSDT']?.mark));
    expect(Number(is) / Number(was)).toBeCloseTo(0.5, 1);
    await order({ delist: { symbol: 'SOLUSDT' } });
    const closed = await wire('POST', '/fapi/v1/order', { parameters: market('late') });
    expect(closed.body['code']).toBe(-4141);
    await expect(order({ delist: { symbol: 'NOPE' } })).rejects.toThrow('NOPE is not listed');
  });
});

describe('streams', () => {
  const opened = (url: string): Promise<WebSocket> =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(url);
      socket.once('open', () => resolve(socket));
      socket.once('error', reject);
    });

  test('paths of before the split refuse', async () => {
    const base = venue.urls.marketStream.replace(/\/market$/, '');
    for (const path of ['/ws/btcusdt@markPrice', '/stream?streams=!markPrice@arr', '/other/ws/x']) {
      await expect(opened(`${base}${path}`)).rejects.toThrow('404');
    }
  });

  test('a stream is subscribed by message and carries the symbol type', async () => {
    const socket = await opened(`${venue.urls.marketStream}/ws`);
    const messages: Record<string, unknown>[] = [];
    socket.on('message', (data: Buffer) => {
      messages.push(JSON.parse(data.toString('utf8')) as Record<string, unknown>);
    });
    socket.send(JSON.stringify({ method: 'SUBSCRIBE', params: ['btcusdt@markPrice@1s'], id: 7 }));
    for (let tries = 0; tries < 60 && messages.length < 2; tries += 1) await clock.sleep(50);
    socket.terminate();
    expect(messages[0]).toEqual({ result: null, id: 7 });
    expect(messages[1]).toMatchObject({ e: 'markPriceUpdate', s: 'BTCUSDT', st: 1 });
    expect(Object.keys(messages[1] ?? {}).toSorted()).toEqual(
      ['E', 'P', 'T', 'ap', 'e', 'i', 'p', 'r', 's', 'st'].toSorted(),
    );
  });

  test('user streams can be cut on order', async () => {
    const { body } = await wire('POST', '/fapi/v1/listenKey');
    const socket = await opened(
      `${venue.urls.privateStream}/ws?listenKey=${String(body['listenKey'])}`,
    );
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await order({ closeUserStreams: true });
    await closed;
    expect(socket.readyState).toBe(WebSocket.CLOSED);
  });
});
