/** The life of a socket at the simulated venue: its limits, its pings, its end, and the listen key behind it. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import {
  createVenueAdmin,
  startSimulatedVenue,
  type SimulatedVenue,
  type VenueAdmin,
} from '#pkg/exchange/simulated';
import { eventually } from '../harness/eventually.ts';
import { openStream } from './stream-socket.ts';
import { createWire, type Wire } from './wire-client.ts';

const ACCOUNT = { key: 'socket-key', secret: 'socket-secret' };
const MINUTE_MS = 60_000;
let venue: SimulatedVenue;
let admin: VenueAdmin;
let wire: Wire;

beforeEach(async () => {
  venue = await startSimulatedVenue({
    accounts: [{ ...ACCOUNT, balance: '10000' }],
    limits: { connectionsPer5Minutes: 8 },
  });
  admin = createVenueAdmin(venue.urls.admin);
  // Signed by the venue's own time, which these tests move.
  const signed = createWire(venue.urls.rest, ACCOUNT);
  wire = (method, path, options) =>
    signed(method, path, { timestampMs: venue.runtime.clock.nowMs(), ...options });
});
afterEach(async () => {
  await venue[Symbol.asyncDispose]();
});

const market = () => `${venue.urls.marketStream}/ws`;
const mintKey = async (): Promise<string> =>
  String((await wire('POST', '/fapi/v1/listenKey')).body['listenKey']);
const buy = (id: string) =>
  wire('POST', '/fapi/v1/order', {
    parameters: {
      symbol: 'SOLUSDT',
      side: 'BUY',
      type: 'MARKET',
      quantity: 1,
      newClientOrderId: id,
    },
  });

describe('limits of a connection', () => {
  test('a client that sends eleven messages in a second is cut', async () => {
    using stream = await openStream(market());
    for (let id = 1; id <= 25; id += 1) stream.send({ method: 'LIST_SUBSCRIPTIONS', id });
    expect(await stream.closed).toBe(1008);
    expect(stream.frames.length).toBeLessThanOrEqual(20);
  });

  test('1,024 streams are accepted and one more is refused', async () => {
    using stream = await openStream(market());
    const names = Array.from({ length: 1024 }, (_, index) => `stream${index}@markPrice`);
    stream.send({ method: 'SUBSCRIBE', params: names, id: 1 });
    stream.send({ method: 'SUBSCRIBE', params: ['btcusdt@markPrice'], id: 2 });
    expect(await stream.next(({ id }) => id === 1)).toEqual({ result: null, id: 1 });
    expect(await stream.next(({ id }) => id === 2)).toMatchObject({ error: { code: 2 } });
  });

  test('an address that opens too many sockets in five minutes is refused with 429 until they end', async () => {
    for (let count = 0; count < 8; count += 1) (await openStream(market())).socket.terminate();
    await expect(openStream(market())).rejects.toThrow('429');
    using _other = await openStream(market(), { localAddress: '127.0.3.9' });
    await admin.advance(5 * MINUTE_MS);
    using _again = await openStream(market());
  });

  test('a banned address opens no socket', async () => {
    await admin.order({ banAddress: { address: '127.0.0.1', seconds: 60 } });
    await expect(openStream(market())).rejects.toThrow('418');
  });
});

describe('the life of a connection', () => {
  test('it ends after 24 hours of venue time', async () => {
    using young = await openStream(market());
    await admin.advance(23 * 60 * MINUTE_MS);
    using younger = await openStream(market());
    await admin.advance(61 * MINUTE_MS);
    expect(await young.closed).toBe(1001);
    expect(younger.socket.readyState).toBe(younger.socket.OPEN);
  });

  test('it is pinged each three minutes, and who does not answer within ten is cut', async () => {
    using mute = await openStream(market(), { autoPong: false });
    using polite = await openStream(market());
    let pings = 0;
    polite.socket.on('ping', () => {
      pings += 1;
    });
    for (const minutes of [3.1, 3.1, 3.1]) {
      const before = pings;
      await admin.advance(minutes * MINUTE_MS);
      await eventually(() => expect(pings).toBeGreaterThan(before));
    }
    expect(mute.socket.readyState).toBe(mute.socket.OPEN);
    await admin.advance(4 * MINUTE_MS);
    expect(await mute.closed).toBe(1006);
    expect(polite.socket.readyState).toBe(polite.socket.OPEN);
  });

  test('a silenced socket stays open and says nothing; a new one speaks', async () => {
    using silent = await openStream(`${market()}/btcusdt@bookTicker`);
    await admin.order({ silence: { streams: 'market', seconds: 600 } });
    let pongs = 0;
    silent.socket.on('pong', () => {
      pongs += 1;
    });
    silent.socket.ping();
    silent.send({ method: 'SUBSCRIBE', params: ['btcusdt@markPrice@1s'], id: 1 });
    using loud = await openStream(`${market()}/btcusdt@markPrice@1s`);
    await loud.next(({ e }) => e === 'markPriceUpdate');
    expect(silent.frames.filter(({ e }) => e === 'markPriceUpdate')).toEqual([]);
    expect([pongs, silent.socket.readyState]).toEqual([0, silent.socket.OPEN]);
  });
});

describe('a listen key', () => {
  test('is one for an account, lives 60 minutes, and is extended by another POST or PUT', async () => {
    const listenKey = await mintKey();
    await admin.advance(59 * MINUTE_MS);
    expect((await wire('PUT', '/fapi/v1/listenKey')).body).toEqual({ listenKey });
    await admin.advance(59 * MINUTE_MS);
    expect(await mintKey()).toBe(listenKey);
    await admin.advance(61 * MINUTE_MS);
    const late = await wire('PUT', '/fapi/v1/listenKey');
    expect([late.status, late.body['code']]).toEqual([400, -1125]);
    expect(await mintKey()).not.toBe(listenKey);
  });

  test('that expires says so, and its socket stays open and hears nothing more', async () => {
    const listenKey = await mintKey();
    using stream = await openStream(`${venue.urls.privateStream}/ws/${listenKey}`);
    await buy('heard');
    await stream.next(({ e }) => e === 'ORDER_TRADE_UPDATE');
    await admin.advance(61 * MINUTE_MS);
    expect(await stream.next(({ e }) => e === 'listenKeyExpired')).toMatchObject({ listenKey });
    const heard = stream.frames.length;
    using fresh = await openStream(`${venue.urls.privateStream}/ws/${await mintKey()}`);
    await buy('unheard');
    await fresh.next(({ e }) => e === 'ORDER_TRADE_UPDATE');
    expect(stream.frames.length).toBe(heard);
    expect(stream.socket.readyState).toBe(stream.socket.OPEN);
  });

  test('that nobody minted opens a socket that stays silent', async () => {
    using stream = await openStream(`${venue.urls.privateStream}/ws/nobodys-key`);
    using real = await openStream(`${venue.urls.privateStream}/ws/${await mintKey()}`);
    await buy('a');
    await real.next(({ e }) => e === 'ORDER_TRADE_UPDATE');
    expect(stream.frames).toEqual([]);
  });

  test('carries only the events that were asked for, TRADE_LITE before the order that it is of', async () => {
    const listenKey = await mintKey();
    const query = `listenKey=${listenKey}&events=TRADE_LITE/ORDER_TRADE_UPDATE&listenKey=other`;
    using stream = await openStream(`${venue.urls.privateStream}/stream?${query}`);
    await buy('chosen');
    await stream.next(
      ({ data }) => (data as { o?: { X?: unknown } } | undefined)?.o?.X === 'FILLED',
    );
    const data = stream.frames.map((frame) => frame['data'] as Readonly<Record<string, unknown>>);
    expect(data.map(({ e }) => e)).toEqual([
      'ORDER_TRADE_UPDATE',
      'TRADE_LITE',
      'ORDER_TRADE_UPDATE',
    ]);
    expect(data[1]).toMatchObject({ s: 'SOLUSDT', c: 'chosen', S: 'BUY', l: '1', m: false });
    expect(stream.frames.every((frame) => frame['stream'] === listenKey)).toBe(true);
  });
});
