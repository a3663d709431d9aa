/** Faults on order, as a client meets them on the wire, and the admin port that orders them. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import {
  createVenueAdmin,
  startSimulatedVenue,
  type FaultRequest,
  type SimulatedVenue,
  type VenueAdmin,
} from '#pkg/exchange/simulated';
import { eventually } from '../harness/eventually.ts';
import { openStream } from './stream-socket.ts';
import { createWire, type Wire } from './wire-client.ts';

const ACCOUNT = { key: 'fault-key', secret: 'fault-secret' };
const ORDER = 'POST /fapi/v1/order';
const CUT = /closed|reset|terminated/;
let venue: SimulatedVenue;
let admin: VenueAdmin;
let wire: Wire;

const start = (options: { readonly faults?: FaultRequest } = {}) =>
  startSimulatedVenue({ accounts: [{ ...ACCOUNT, balance: '10000' }], seed: 'faults', ...options });

beforeEach(async () => {
  venue = await start();
  admin = createVenueAdmin(venue.urls.admin);
  wire = createWire(venue.urls.rest, ACCOUNT);
});
afterEach(async () => {
  await venue[Symbol.asyncDispose]();
});

const order = (id: string, fields: Readonly<Record<string, string | number>> = {}) => ({
  parameters: {
    symbol: 'SOLUSDT',
    side: 'BUY',
    type: 'MARKET',
    quantity: 1,
    newClientOrderId: id,
    ...fields,
  },
});
const place = (id: string, fields?: Readonly<Record<string, string | number>>) =>
  wire('POST', '/fapi/v1/order', order(id, fields));
const find = async (id: string) =>
  wire('GET', '/fapi/v1/order', { parameters: { symbol: 'SOLUSDT', origClientOrderId: id } });

describe('requests', () => {
  test('a held request is cut at once and carried out later', async () => {
    await admin.order({ holdRequests: { endpoint: ORDER, count: 1, ms: 150 } });
    await expect(place('held')).rejects.toThrow(CUT);
    expect((await find('held')).body['code']).toBe(-2013);
    await eventually(async () => {
      expect((await find('held')).body).toMatchObject({ status: 'FILLED' });
    });
  });

  test('a held request that arrives after its window is refused and leaves nothing', async () => {
    await admin.order({ holdRequests: { endpoint: ORDER, count: 1, ms: 150 } });
    await expect(place('late', { recvWindow: 100 })).rejects.toThrow(CUT);
    await eventually(async () => {
      const { requestsByEndpoint } = await admin.summary();
      expect(requestsByEndpoint[ORDER]).toBe(1);
    });
    expect((await find('late')).body['code']).toBe(-2013);
  });

  test('a late reply belongs to an order that is placed already', async () => {
    await admin.order({ delayReplies: { endpoint: ORDER, count: 1, ms: 300 } });
    const answer = place('slow');
    await eventually(async () => {
      expect((await find('slow')).body).toMatchObject({ status: 'FILLED' });
    });
    expect((await answer).status).toBe(200);
  });

  test.each([
    ['unexpected', 503, -1006],
    ['internal503', 503, -1001],
    ['timestamp', 400, -1021],
  ] as const)('%s answers with %i %i', async (kind, status, code) => {
    await admin.order({ answer: { endpoint: '*', count: 1, kind } });
    const answer = await wire('GET', '/fapi/v1/time');
    expect([answer.status, answer.body['code']]).toEqual([status, code]);
  });

  test('refuses with a code that no rule of ours gives, in its words', async () => {
    const refuse = { code: -4118, msg: 'ReduceOnly Order Failed.' };
    await admin.order({ refuse: { endpoint: 'POST /fapi/v1/order', count: 1, ...refuse } });
    expect((await wire('GET', '/fapi/v1/time')).status).toBe(200);
    expect(await place('refused')).toMatchObject({ status: 400, body: refuse });
    expect((await place('taken')).status).toBe(200);
  });

  test('a proxy in front may answer with a page', async () => {
    await admin.order({ answer: { endpoint: '*', count: 1, kind: 'html' } });
    const answer = await fetch(`${venue.urls.rest}/fapi/v1/time`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([502, 'text/html']);
    expect(await answer.text()).toContain('<html>');
  });

  test('a cancel loses its race against a fill, of a part or of all', async () => {
    const resting = { type: 'LIMIT', timeInForce: 'GTC', price: '90.00', quantity: 2 };
    const cancel = (id: string) =>
      wire('DELETE', '/fapi/v1/order', {
        parameters: { symbol: 'SOLUSDT', origClientOrderId: id },
      });
    await place('half', resting);
    await place('whole', resting);
    await admin.order({ fillBeforeCancel: { symbol: 'SOLUSDT', count: 1, ratio: 0.5 } });
    expect((await cancel('half')).body).toMatchObject({ status: 'CANCELED', executedQty: '1' });
    await admin.order({ fillBeforeCancel: { symbol: '*', count: 1, ratio: 1 } });
    expect((await cancel('whole')).body['code']).toBe(-2011);
    expect((await find('whole')).body).toMatchObject({ status: 'FILLED' });
  });
});

describe('access', () => {
  test('during maintenance everything is refused and every socket is cut', async () => {
    using stream = await openStream(`${venue.urls.marketStream}/ws`);
    await admin.order({ maintenance: { seconds: 60 } });
    expect(await stream.closed).toBe(1006);
    const answer = await wire('GET', '/fapi/v1/time');
    expect([answer.status, answer.body['msg']]).toEqual([503, 'Service Unavailable.']);
    await expect(openStream(`${venue.urls.marketStream}/ws`)).rejects.toThrow('503');
    await admin.advance(60_000);
    expect((await wire('GET', '/fapi/v1/time')).status).toBe(200);
  });

  test('a banned address is told until when, and is let in afterwards', async () => {
    await admin.order({ banAddress: { address: '127.0.0.1', seconds: 120 } });
    const banned = await wire('GET', '/fapi/v1/time');
    expect([banned.status, banned.body['code']]).toEqual([418, -1003]);
    expect(Number(banned.headers['retry-after'])).toBeGreaterThan(100);
    await admin.advance(121_000);
    expect((await wire('GET', '/fapi/v1/time')).status).toBe(200);
  });

  test('a key is revoked, tied to another address, and given back', async () => {
    const balance = async () => (await wire('GET', '/fapi/v3/balance')).body['code'];
    const { key } = ACCOUNT;
    await admin.order({ key: { key, isRevoked: true } });
    expect(await balance()).toBe(-2015);
    await admin.order({ key: { key, isRevoked: false, addresses: ['192.0.2.1'] } });
    expect(await balance()).toBe(-2015);
    await admin.order({ key: { key, addresses: [] } });
    expect(await balance()).toBeUndefined();
  });
});

describe('markets', () => {
  test('a renamed symbol is closed under its old name and trades under the new one at its price', async () => {
    await place('old');
    const before = await admin.market('SOLUSDT');
    await admin.order({ rename: { symbol: 'SOLUSDT', to: 'SOLARUSDT' } });
    expect((await place('closed')).body['code']).toBe(-4141);
    expect((await place('new', { symbol: 'SOLARUSDT' })).status).toBe(200);
    const after = (await admin.market('SOLARUSDT')).prices['SOLARUSDT'];
    const ratio = Number(after?.mark) / Number(before.prices['SOLUSDT']?.mark);
    expect(ratio).toBeCloseTo(1, 1);
    expect((await admin.summary()).openPositions).toBe(1);
  });

  test('a flash crash goes down, stays and comes back, by a script', async () => {
    await admin.order({
      script: [
        {
          afterMs: 50,
          order: {
            movePrice: { symbol: '*', ratio: 0.7, rampMs: 1_000, holdMs: 1_000, recoverMs: 1_000 },
          },
        },
      ],
    });
    const mark = async () => Number((await admin.market('SOLUSDT')).prices['SOLUSDT']?.mark);
    const before = await mark();
    await eventually(async () => expect(await mark()).toBeLessThan(before * 0.999));
    await admin.advance(1_200);
    expect((await mark()) / before).toBeCloseTo(0.7, 1);
    await admin.advance(3_000);
    expect((await mark()) / before).toBeCloseTo(1, 1);
  });
});

describe('the admin port', () => {
  test('what makes no sense is refused with a sentence, and nothing of it happens', async () => {
    const mistakes: readonly (readonly [FaultRequest, string])[] = [
      [{ latencyMs: 5, delist: { symbol: 'NOPE' } }, 'NOPE is not listed'],
      [{ rename: { symbol: 'SOLUSDT', to: 'BTCUSDT' } }, 'BTCUSDT is listed already'],
      [{ key: { key: 'nobody' } }, 'there is no account with the key nobody'],
      [
        { script: [{ afterMs: 1, order: { depth: { symbol: 'NOPE', scale: 1 } } }] },
        'NOPE is not listed',
      ],
      [{ wrong: 1 } as FaultRequest, 'has no field wrong'],
    ];
    for (const [mistake, words] of mistakes) {
      await expect(admin.order(mistake)).rejects.toThrow(words);
    }
    expect(await admin.faults()).toMatchObject({ latencyMs: 0, waiting: [], scripted: 0 });
    await expect(admin.advance(-1)).rejects.toThrow('advanceMs must be a number');
    await expect(createVenueAdmin('http://127.0.0.1:1').summary()).rejects.toThrow(
      'the exchange does not answer at http://127.0.0.1:1/admin/summary',
    );
  });

  test('the whole state is dumped without secrets, digested, and compared', async () => {
    const [before, digest] = [await admin.state(), await admin.digest()];
    expect(JSON.stringify(before)).not.toContain(ACCOUNT.secret);
    expect(await admin.digest()).toBe(digest);
    await place('one');
    const differences = await admin.differences(before);
    const tables = new Set(differences.map(({ table }) => table));
    for (const table of ['orders', 'positions', 'trades', 'incomes', 'accounts', 'meta']) {
      expect([...tables]).toContain(table);
    }
    expect(differences.find(({ table }) => table === 'accounts')).toEqual({
      table: 'accounts',
      rowKey: ACCOUNT.key,
      kind: 'changed',
      fields: ['wallet'],
    });
    expect(await admin.digest()).not.toBe(digest);
    expect(await admin.differences(await admin.state())).toEqual([]);
  });

  test('a venue that starts with a plan meets the same requests with the same faults', async () => {
    const faults: FaultRequest = {
      plan: {
        seed: 'again',
        endpoints: [ORDER],
        loseReplies: 0.25,
        loseRequests: 0.25,
        answers: { timeout: 0.25 },
      },
    };
    const outcomes = async (): Promise<readonly string[]> => {
      await using other = await start({ faults });
      const call = createWire(other.urls.rest, ACCOUNT);
      const heard: string[] = [];
      for (let count = 0; count < 16; count += 1) {
        const answer = call('POST', '/fapi/v1/order', order(`plan-${count}`));
        heard.push(await answer.then(({ status }) => String(status)).catch(() => 'cut'));
      }
      const { ordersAccepted } = await createVenueAdmin(other.urls.admin).summary();
      return [...heard, String(ordersAccepted)];
    };
    const first = await outcomes();
    expect(await outcomes()).toEqual(first);
    expect(new Set(first.slice(0, 16))).toEqual(new Set(['200', '408', 'cut']));
  });
});
