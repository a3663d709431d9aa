/**
 * What streams have done to money before, as facts: real sockets, the simulated venue's faults, rows in memory.
 *
 * Incidents of reconnecting that need hours stand in `pkg/streams/storm.test.ts`, those of a whole position in
 * `pkg/lifecycles`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { createIdMaker, createSeededRandom, createSystemClock, required } from '#pkg/base';
import { createMemoryWindowBudget } from '#pkg/budgets';
import {
  id,
  price,
  quantity,
  type AccountId,
  type ClientOrderId,
  type Order,
  type SymbolName,
} from '#pkg/domain';
import { createBinanceExchange, decodeUserFrame, type Exchange } from '#pkg/exchange';
import {
  createVenueAdmin,
  startSimulatedVenue,
  type SimulatedVenue,
  type VenueAdmin,
} from '#pkg/exchange/simulated';
import { storeUserFrame } from '#pkg/lifecycles';
import { createMemoryPriceBoard } from '#pkg/market-data';
import { createSilentLogger } from '#pkg/observability';
import { createMemoryStore, type Store } from '#pkg/store';
import {
  createConnectDoor,
  createMarkPriceStream,
  createMemoryConnectAllowance,
  createUserStreams,
  openWebSocket,
  type UserStreams,
  type UserStreamsOptions,
} from '#pkg/streams';
import { openFence } from '../conformance/exchange.ts';
import { newOrder } from '../conformance/store/rows.ts';
import { eventually } from '../harness/eventually.ts';

const ACCOUNT = id<AccountId>('main');
const SYMBOL = id<SymbolName>('DOGEUSDT');
const ADDRESS = '127.0.3.2';
const clock = createSystemClock();
const random = createSeededRandom('incidents');
const logger = createSilentLogger();
const { signal } = new AbortController();

let venue: SimulatedVenue;
let admin: VenueAdmin;
let exchange: Exchange;
let store: Store;
let folder: string;
const makeId = createIdMaker(clock, random);

const network = () => ({
  clock,
  random,
  logger,
  openSocket: openWebSocket,
  door: createConnectDoor(
    { clock, random, allowance: createMemoryConnectAllowance({ clock }, { connectsMax: 300 }) },
    { gapMs: 5 },
  ),
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kraite-incidents-'));
  venue = await startSimulatedVenue({
    accounts: [{ key: 'key', secret: 'secret', balance: '10000' }],
    seed: 'incidents',
  });
  admin = createVenueAdmin(venue.urls.admin);
  store = createMemoryStore({ clock });
  exchange = createBinanceExchange(
    {
      clock,
      random,
      logger,
      egress: { box: 'athena', egressAddress: ADDRESS, bindAddress: ADDRESS },
      credentialsOf: async () => ({ apiKey: 'key', apiSecret: 'secret' }),
      budget: createMemoryWindowBudget(),
    } as Parameters<typeof createBinanceExchange>[0],
    { restUrl: venue.urls.rest },
  );
  await exchange.ensureHedgeMode(ACCOUNT, signal);
});
afterEach(async () => {
  await exchange[Symbol.asyncDispose]();
  await venue[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Listens for the account as the fleet does: a row for each frame, then what it says of an order of ours. */
function listen(
  settings: Partial<UserStreamsOptions> = {},
): UserStreams & { readonly fates: string[] } {
  const fates: string[] = [];
  const streams = createUserStreams(
    {
      ...network(),
      exchange,
      accounts: async () => [ACCOUNT],
      onFrame: async (accountId, payload) => {
        const submit = async () => ({ kind: 'submitted' as const, workflowId: id<never>('x') });
        const parts = { store, submit, clock, makeId, decodeUserFrame };
        const fate = await storeUserFrame(parts, { accountId, payload });
        fates.push(fate);
        if (fate === 'unreadable') return fate;
        const event = decodeUserFrame(payload);
        if (event.kind !== 'order') return 'stored';
        const order = await store.orders.findByClientOrderId(accountId, event.clientOrderId);
        if (order !== undefined)
          await store.orders.applyReport(order.id, event.report, clock.nowMs());
        return 'stored';
      },
      onGap: async (accountId) => {
        for (const order of await store.orders.listWorking(accountId)) await readOrder(order);
      },
      onCompleteness: async () => undefined,
    },
    {
      url: venue.urls.privateStream,
      bindAddress: ADDRESS,
      deadLetterPath: join(folder, 'letters.jsonl'),
      ...settings,
    },
  );
  return { ...streams, [Symbol.asyncDispose]: () => streams[Symbol.asyncDispose](), fates };
}

async function readOrder({ id: orderId, clientOrderId }: Order): Promise<void> {
  const reference = { symbol: SYMBOL, clientOrderId, isConditional: false };
  const found = await exchange.findOrder(ACCOUNT, reference, signal);
  if (found !== undefined) await store.orders.applyReport(orderId, found, clock.nowMs());
}

/** Commits an order's row, then buys at the market under its id; the answer is not read. */
async function buy(): Promise<Order> {
  const order = newOrder({
    accountId: ACCOUNT,
    symbol: SYMBOL,
    purpose: 'entry',
    price: undefined,
    quantity: quantity(200),
    clientOrderId: id<ClientOrderId>(makeId()),
  });
  await store.orders.plan([order]);
  await store.orders.allowSigning(order.id, { signableUntilMs: 1, nowMs: clock.nowMs() });
  const intent = {
    kind: 'market' as const,
    clientOrderId: order.clientOrderId,
    symbol: SYMBOL,
    side: 'BUY' as const,
    direction: 'long' as const,
    quantity: quantity(200),
    isClosing: false,
  };
  await exchange.placeOrder(ACCOUNT, intent, openFence(), signal);
  return required(await store.orders.find(order.id), 'it was committed');
}

const isComplete = (streams: UserStreams): boolean =>
  streams.completeness().get(ACCOUNT)?.isComplete === true;
const expectFilled = (order: Order) =>
  eventually(async () => {
    const row = await store.orders.find(order.id);
    expect(row).toMatchObject({ status: 'filled' });
    expect(row?.filledQuantity.toFixed()).toBe('200');
    expect(row?.averagePrice?.greaterThan(0)).toBe(true);
    expect(row?.quantity?.toFixed()).toBe('200');
  });

describe('frames of an account', () => {
  test.each(['duplicate', 'delay', 'reorder'] as const)(
    'that come with a fault of kind %s leave the order as the venue has it (incidents 14, 15, 16, 40)',
    async (kind) => {
      await using streams = listen();
      await eventually(() => expect(isComplete(streams)).toBe(true));
      // A frame that is put behind the next one needs a next one.
      await admin.order({ frames: { kind, streams: 'user', count: 5, ms: 100 } });
      const orders = [await buy(), await buy()];
      for (const order of orders) await expectFilled(order);
      if (kind === 'duplicate') expect(streams.fates).toContain('duplicate');
    },
  );

  test('of an order whose reply was lost tell that it stands (incident 47)', async () => {
    await using streams = listen();
    await eventually(() => expect(isComplete(streams)).toBe(true));
    await admin.order({ loseReplies: { endpoint: 'POST /fapi/v1/order', count: 1 } });
    await expectFilled(await buy());
  });

  test('of orders that are not ours change no row of ours (incident 38)', async () => {
    await using streams = listen();
    await eventually(() => expect(isComplete(streams)).toBe(true));
    const ours = await buy();
    await expectFilled(ours);
    const before = await store.orders.find(ours.id);
    const known = streams.fates.length;
    const foreign = { kind: 'market' as const, side: 'SELL' as const, direction: 'long' as const };
    const clientOrderId = id<ClientOrderId>('by-hand');
    await exchange.placeOrder(
      ACCOUNT,
      { ...foreign, clientOrderId, symbol: SYMBOL, quantity: quantity(100), isClosing: true },
      openFence(),
      signal,
    );
    await eventually(() => expect(streams.fates.length).toBeGreaterThan(known + 1));
    expect(await store.orders.find(ours.id)).toEqual(before);
  });

  test('in one-way mode carry BOTH, and the sign tells the direction (incident 17)', () => {
    const position = (amount: string) =>
      decodeUserFrame(
        JSON.stringify({
          e: 'ACCOUNT_UPDATE',
          E: 1,
          T: 1,
          a: { m: 'ORDER', P: [{ s: 'JTOUSDT', pa: amount, ps: 'BOTH' }] },
        }),
      );
    expect(position('-5')).toMatchObject({ positions: [{ direction: 'short' }] });
    expect(position('5')).toMatchObject({ positions: [{ direction: 'long' }] });
  });
});

describe('a gap', () => {
  test('whose fills no frame ever tells is closed by REST before the events count as complete', async () => {
    await using streams = listen();
    await eventually(() => expect(isComplete(streams)).toBe(true));
    await admin.order({ frames: { kind: 'drop', streams: 'user', count: 50 } });
    const order = await buy();
    expect(await store.orders.find(order.id)).toMatchObject({ status: 'unknown' });
    await admin.order({ closeStreams: 'user' });
    await eventually(() => expect(isComplete(streams)).toBe(false));
    await eventually(() => expect(isComplete(streams)).toBe(true));
    expect(await store.orders.find(order.id)).toMatchObject({ status: 'filled' });
  });

  test('of a socket that stays open and says nothing is found in its time, and closed (incident 23)', async () => {
    await using streams = listen({ idleMsMax: 600 });
    await eventually(() => expect(isComplete(streams)).toBe(true));
    await admin.order({ silence: { streams: 'user', seconds: 60 } });
    const order = await buy();
    await expectFilled(order);
    expect(isComplete(streams)).toBe(true);
  });

  test('of an expired key is closed under a new key, though its socket stays open', async () => {
    await using streams = listen();
    await eventually(() => expect(isComplete(streams)).toBe(true));
    const { user } = (await admin.summary()).sockets;
    expect(user).toBe(1);
    await admin.advance(61 * 60_000);
    await eventually(() => expect(isComplete(streams)).toBe(false));
    await eventually(() => expect(isComplete(streams)).toBe(true));
    await eventually(async () => expect((await admin.summary()).sockets.user).toBe(1));
  });
});

describe('the stream of marks', () => {
  const start = (url: string, idleMsMax: number) => {
    const board = createMemoryPriceBoard();
    const stream = createMarkPriceStream(
      { ...network(), board },
      { url, bindAddress: ADDRESS, idleMsMax },
    );
    return { board, stream };
  };
  const ageOf = async (board: ReturnType<typeof start>['board']): Promise<number> =>
    clock.nowMs() - ((await board.find(SYMBOL))?.atMs ?? 0);

  test('whose socket became a zombie runs again on another, with no hand on it (incident 23)', async () => {
    const { board, stream } = start(venue.urls.marketStream, 2_500);
    await using _stream = stream;
    await eventually(async () => expect(await ageOf(board)).toBeLessThan(2_000));
    await admin.order({ silence: { streams: 'market', seconds: 600 } });
    await eventually(async () => expect(await ageOf(board)).toBeGreaterThan(2_000));
    await eventually(async () => expect(await ageOf(board)).toBeLessThan(1_500), {
      limitMs: 10_000,
    });
  });

  test('at an address that was retired never says that it is connected (incident 23)', async () => {
    const retired = venue.urls.marketStream.replace(/\/market$/u, '');
    const { board, stream } = start(retired, 2_500);
    await using _stream = stream;
    await clock.sleep(1_200);
    expect(stream.isConnected()).toBe(false);
    expect((await board.readAll()).size).toBe(0);
  });

  test('told to reconnect many times at once has one socket (incident 24)', async () => {
    const { board, stream } = start(venue.urls.marketStream, 5_000);
    await using _stream = stream;
    await eventually(() => expect(stream.isConnected()).toBe(true));
    for (let count = 0; count < 20; count += 1) stream.reconnect('told');
    await eventually(async () => expect(await ageOf(board)).toBeLessThan(1_500));
    await eventually(async () => expect((await admin.summary()).sockets.market).toBe(1));
  });
});

test('a price that a frame carries as zero replaces no price (incident 15)', async () => {
  const order = newOrder({ accountId: ACCOUNT, price: price('141.9'), quantity: quantity(1) });
  await store.orders.plan([order]);
  const frame = {
    e: 'ORDER_TRADE_UPDATE',
    E: 2,
    T: 2,
    o: {
      s: order.symbol,
      c: order.clientOrderId,
      S: 'BUY',
      ps: 'LONG',
      x: 'TRADE',
      X: 'FILLED',
      i: 1,
      p: '0',
      ap: '0',
      z: '1',
    },
  };
  const event = decodeUserFrame(JSON.stringify(frame));
  if (event.kind !== 'order') throw new Error('it is an order frame');
  await store.orders.applyReport(order.id, event.report, 1);
  const row = await store.orders.find(order.id);
  expect([row?.status, row?.price?.toFixed(), row?.averagePrice]).toEqual([
    'filled',
    '141.9',
    undefined,
  ]);
});
