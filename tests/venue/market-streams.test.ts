/** Every market stream of a USD-M system: where it is carried, what it carries, and that REST agrees with it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createManualClock, type ManualClock } from '#pkg/base';
import {
  createVenueAdmin,
  startSimulatedVenue,
  type SimulatedVenue,
} from '#pkg/exchange/simulated';
import { eventually } from '../harness/eventually.ts';
import { openStream, type Frame } from './stream-socket.ts';
import { createWire } from './wire-client.ts';

const ACCOUNT = { key: 'market-key', secret: 'market-secret' };
const START_MS = Date.UTC(2026, 4, 3, 10, 0, 30);
let clock: ManualClock;
let venue: SimulatedVenue;
beforeAll(async () => {
  clock = createManualClock(START_MS);
  venue = await startSimulatedVenue({ accounts: [{ ...ACCOUNT, balance: '1000' }], clock });
});
afterAll(async () => {
  await venue[Symbol.asyncDispose]();
});

const rest = async (path: string): Promise<unknown> =>
  (await fetch(`${venue.urls.rest}${path}`)).json();

/** Opens a stream, lets venue time pass, and returns what it said. */
async function listen(area: 'public' | 'market', name: string, durationMs = 5_250) {
  const base = area === 'public' ? venue.urls.publicStream : venue.urls.marketStream;
  const stream = await openStream(`${base}/ws`);
  stream.send({ method: 'SUBSCRIBE', params: [name], id: 1 });
  await stream.next(({ id }) => id === 1);
  clock.advance(durationMs);
  stream.send({ method: 'LIST_SUBSCRIPTIONS', id: 2 });
  // What was sent before has arrived when this answer has.
  await stream.next(({ id }) => id === 2);
  stream.socket.terminate();
  return stream.frames.slice(1, -1);
}

const keysOf = (frame: unknown): readonly string[] => Object.keys(frame as object).toSorted();
const keys = (text: string): readonly string[] => text.split(' ').toSorted();

describe('payloads', () => {
  test.each([
    ['market', 'solusdt@aggTrade', 'e E s a p q f l T m st', 5],
    ['market', 'solusdt@markPrice', 'e E s p ap P i r T st', 1],
    ['market', 'solusdt@markPrice@1s', 'e E s p ap P i r T st', 5],
    ['market', 'solusdt@kline_1m', 'e E s k st', 10],
    ['market', 'solusdt_perpetual@continuousKline_1m', 'e E ps ct k st', 10],
    ['market', 'solusdt@miniTicker', 'e E s c o h l v q st', 5],
    ['market', 'solusdt@ticker', 'e E s p P w c Q o h l v q O C F L n st', 5],
    ['market', 'usdtusd@assetIndex', 'e E s i b a B A q g Q G', 5],
    ['public', 'solusdt@bookTicker', 'e u s b B a A T E st', 4],
    ['public', 'solusdt@depth', 'e E T s U u pu b a st', 10],
    ['public', 'solusdt@depth@500ms', 'e E T s U u pu b a st', 5],
    ['public', 'solusdt@depth5@100ms', 'e E T s U u pu b a st', 10],
  ] as const)('/%s carries %s with %s', async (area, name, fields, countMin) => {
    const frames = await listen(area, name);
    expect(frames.length).toBeGreaterThanOrEqual(countMin);
    for (const frame of frames) expect(keysOf(frame)).toEqual(keys(fields));
  });

  test.each([
    ['!markPrice@arr', 'markPriceUpdate'],
    ['!markPrice@arr@1s', 'markPriceUpdate'],
    ['!miniTicker@arr', '24hrMiniTicker'],
    ['!ticker@arr', '24hrTicker'],
  ])('%s tells every symbol in one message', async (name, event) => {
    const [first] = (await listen('market', name)) as unknown as readonly (readonly Frame[])[];
    expect(first?.length).toBe(venue.runtime.venue.symbols.length);
    expect(new Set(first?.map(({ e }) => e))).toEqual(new Set([event]));
  });

  test('!bookTicker tells each symbol in a message of its own', async () => {
    const frames = await listen('public', '!bookTicker');
    expect(new Set(frames.map(({ s }) => s)).size).toBe(venue.runtime.venue.symbols.length);
  });
});

describe('streams and REST agree', () => {
  test('a candle that has closed is told once more, as REST tells it', async () => {
    const frames = await listen('market', 'solusdt@kline_1m', 60_000);
    const candles = frames.map((frame) => frame['k'] as Frame);
    const [closed] = candles.filter(({ x }) => x === true);
    const [row] = (await rest(
      `/fapi/v1/klines?symbol=SOLUSDT&interval=1m&startTime=${String(closed?.['t'])}&limit=1`,
    )) as readonly (readonly unknown[])[];
    const told = ['t', 'o', 'h', 'l', 'c', 'v', 'T'].map((field) => closed?.[field]);
    expect(told).toEqual(row?.slice(0, 7));
    expect(candles.filter(({ x }) => x === true).length).toBe(1);
  });

  test('a book kept by the documented procedure is the book that REST tells', async () => {
    const stream = await openStream(`${venue.urls.publicStream}/ws/solusdt@depth@100ms`);
    clock.advance(1_000);
    await stream.next(({ e }) => e === 'depthUpdate');
    const snapshot = (await rest('/fapi/v1/depth?symbol=SOLUSDT&limit=1000')) as BookAnswer;
    clock.advance(3_000);
    await eventually(() => expect(Number(stream.frames.at(-1)?.['u'])).toBe(clock.nowMs()));
    const book = { b: new Map(snapshot.bids), a: new Map(snapshot.asks) };
    const later = stream.frames.filter(({ u }) => Number(u) > snapshot.lastUpdateId);
    expect(Number(later[0]?.['U'])).toBeLessThanOrEqual(snapshot.lastUpdateId + 1);
    for (const [index, frame] of later.entries()) {
      if (index > 0) expect(frame['pu']).toBe(later[index - 1]?.['u']);
      for (const side of ['b', 'a'] as const) {
        for (const [price, quantity] of frame[side] as readonly (readonly [string, string])[]) {
          if (Number(quantity) === 0) book[side].delete(price);
          else book[side].set(price, quantity);
        }
      }
    }
    stream.socket.terminate();
    const now = (await rest('/fapi/v1/depth?symbol=SOLUSDT&limit=1000')) as BookAnswer;
    const sorted = (side: ReadonlyMap<string, string>, sign: number) =>
      [...side].toSorted(([one], [other]) => sign * (Number(one) - Number(other)));
    expect(sorted(book.b, -1)).toEqual(now.bids);
    expect(sorted(book.a, 1)).toEqual(now.asks);
  });
});

interface BookAnswer {
  readonly lastUpdateId: number;
  readonly bids: readonly (readonly [string, string])[];
  readonly asks: readonly (readonly [string, string])[];
}

describe('paths', () => {
  test('a stream of another area, of no symbol or of no kind is accepted and silent', async () => {
    expect(await listen('public', 'solusdt@markPrice@1s')).toEqual([]);
    expect(await listen('market', 'solusdt@depth')).toEqual([]);
    expect(await listen('market', 'nopeusdt@markPrice@1s')).toEqual([]);
    expect(await listen('market', 'SOLUSDT@markPrice@1s')).toEqual([]);
    expect(await listen('market', 'solusdt@kline_7m')).toEqual([]);
  });

  test('several streams in a path or a query; a combined one names each', async () => {
    using raw = await openStream(
      `${venue.urls.marketStream}/ws/btcusdt@markPrice@1s/ethusdt@markPrice@1s`,
    );
    using combined = await openStream(
      `${venue.urls.marketStream}/stream?streams=btcusdt@markPrice@1s/ethusdt@markPrice@1s`,
    );
    clock.advance(1_000);
    expect(await raw.next(({ s }) => s === 'ETHUSDT')).toMatchObject({ e: 'markPriceUpdate' });
    const wrapped = await combined.next(({ stream }) => stream === 'ethusdt@markPrice@1s');
    expect(wrapped['data']).toMatchObject({ e: 'markPriceUpdate', s: 'ETHUSDT' });
  });

  test('messages are answered one by one, mistakes with the code of their kind', async () => {
    using stream = await openStream(`${venue.urls.marketStream}/ws/btcusdt@markPrice`);
    const messages: readonly (readonly [unknown, object])[] = [
      [
        { method: 'LIST_SUBSCRIPTIONS', id: 1 },
        { result: ['btcusdt@markPrice'], id: 1 },
      ],
      [
        { method: 'GET_PROPERTY', params: ['combined'], id: 2 },
        { result: false, id: 2 },
      ],
      [
        { method: 'SET_PROPERTY', params: ['combined', true], id: 3 },
        { result: null, id: 3 },
      ],
      [
        { method: 'UNSUBSCRIBE', params: ['btcusdt@markPrice'], id: 4 },
        { result: null, id: 4 },
      ],
      [
        { method: 'SET_PROPERTY', params: ['combined', 1], id: 5 },
        { error: { code: 1 }, id: 5 },
      ],
      [
        { method: 'NOPE', id: 6 },
        { error: { code: 2 }, id: 6 },
      ],
      ['{', { error: { code: 3 } }],
    ];
    for (const [message] of messages) stream.send(message);
    await eventually(() => expect(stream.frames.length).toBe(messages.length));
    expect(stream.frames).toMatchObject(messages.map(([, answer]) => answer));
  });
});

test('a liquidation is told on the symbol and on all, and a delisting as a contract', async () => {
  const signed = createWire(venue.urls.rest, ACCOUNT);
  const wire: typeof signed = (method, path, options) =>
    signed(method, path, { timestampMs: clock.nowMs(), ...options });
  const admin = createVenueAdmin(venue.urls.admin);
  await wire('POST', '/fapi/v1/leverage', { parameters: { symbol: 'SOLUSDT', leverage: 50 } });
  const opened = await wire('POST', '/fapi/v1/order', {
    parameters: { symbol: 'SOLUSDT', side: 'BUY', type: 'MARKET', quantity: 60 },
  });
  expect(opened.status).toBe(200);
  const { listenKey } = (await wire('POST', '/fapi/v1/listenKey')).body;
  using user = await openStream(`${venue.urls.privateStream}/ws/${String(listenKey)}`);
  using one = await openStream(`${venue.urls.marketStream}/ws/solusdt@forceOrder`);
  using all = await openStream(`${venue.urls.marketStream}/ws/!forceOrder@arr/!contractInfo`);
  await admin.order({ movePrice: { symbol: 'SOLUSDT', ratio: 0.8, rampMs: 60_000 } });
  clock.advance(62_000);
  const told = await one.next(({ e }) => e === 'forceOrder');
  expect(told['o']).toMatchObject({ s: 'SOLUSDT', S: 'SELL', o: 'LIMIT', f: 'IOC' });
  expect(keysOf(told['o'])).toEqual(keys('s S o f q p ap X l z T'));
  await all.next(({ e }) => e === 'forceOrder');
  await user.next(({ e }) => e === 'MARGIN_CALL');
  await admin.order({ rename: { symbol: 'OPUSDT', to: 'OPTIMUSDT' } });
  const contracts = ['OPUSDT', 'OPTIMUSDT'];
  const states = await Promise.all(
    contracts.map((symbol) => all.next(({ e, s }) => e === 'contractInfo' && s === symbol)),
  );
  expect(states.map(({ cs }) => cs)).toEqual(['CLOSE', 'TRADING']);
  const prices = await admin.market();
  expect(prices.prices['OPTIMUSDT']).toEqual(prices.prices['OPUSDT']);
  const liquidations = all.frames.filter(({ e }) => e === 'forceOrder');
  expect(liquidations.every(({ o }) => (o as Frame)['s'] === 'SOLUSDT')).toBe(true);
});
