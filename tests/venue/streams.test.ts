/** Our streams against the simulated venue: frames arrive, gaps are told, keys and sockets are replaced. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';

import { createSeededRandom, createSystemClock } from '#pkg/base';
import { createMemoryWindowBudget } from '#pkg/budgets';
import { id, quantity, type AccountId, type SymbolName } from '#pkg/domain';
import { createBinanceExchange, decodeUserFrame, type Exchange } from '#pkg/exchange';
import { createMemoryPriceBoard } from '#pkg/market-data';
import { createSilentLogger } from '#pkg/observability';
import {
  createConnectDoor,
  createMarkPriceStream,
  createMemoryConnectAllowance,
  createUserStreams,
  openWebSocket,
  type Completeness,
  type UserStreamsOptions,
} from '#pkg/streams';
import { startSimulatedVenue, type SimulatedVenue } from '../../pkg/exchange/simulated/index.ts';
import { openFence } from '../conformance/exchange.ts';
import { eventually } from '../harness/eventually.ts';

const ACCOUNT = id<AccountId>('main');
const SYMBOL = id<SymbolName>('DOGEUSDT');
const { signal } = new AbortController();
const clock = createSystemClock();
const random = createSeededRandom('streams');
const shared = {
  clock,
  random,
  logger: createSilentLogger(),
  openSocket: openWebSocket,
  door: createConnectDoor(
    { clock, random, allowance: createMemoryConnectAllowance({ clock }, { connectsMax: 300 }) },
    { gapMs: 5 },
  ),
};

describe('streams of the simulated venue', () => {
  let venue: SimulatedVenue;
  let exchange: Exchange;
  let folder: string;
  let sequence = 0;

  const order = (faults: Readonly<Record<string, unknown>>) =>
    fetch(`${venue.urls.admin}/admin/faults`, { method: 'POST', body: JSON.stringify(faults) });
  const buy = async () => {
    sequence += 1;
    const clientOrderId = id<Parameters<Exchange['placeOrder']>[1]['clientOrderId']>(
      `stream-${sequence}`,
    );
    await exchange.placeOrder(
      ACCOUNT,
      {
        kind: 'market',
        clientOrderId,
        symbol: SYMBOL,
        side: 'BUY',
        direction: 'long',
        quantity: quantity(200),
        isClosing: false,
      },
      openFence(),
      signal,
    );
    return clientOrderId;
  };
  const listen = (options: {
    readonly onFrame: (accountId: AccountId, text: string) => Promise<void>;
    readonly settings?: Partial<UserStreamsOptions>;
    readonly gaps?: AccountId[];
    readonly accounts?: () => Promise<readonly AccountId[]>;
    readonly states?: Completeness[];
  }) =>
    createUserStreams(
      {
        ...shared,
        exchange,
        accounts: options.accounts ?? (async () => [ACCOUNT]),
        onFrame: async (accountId, text) => {
          await options.onFrame(accountId, text);
          return 'stored';
        },
        onCompleteness: async (_accountId, state) => {
          options.states?.push(state);
        },
        onGap: async (accountId) => {
          options.gaps?.push(accountId);
        },
      },
      {
        url: venue.urls.privateStream,
        bindAddress: '127.0.3.2',
        deadLetterPath: join(folder, 'dead', 'frames.jsonl'),
        ...options.settings,
      },
    );

  beforeAll(async () => {
    venue = await startSimulatedVenue({
      accounts: [{ key: 'key', secret: 'secret', balance: '10000' }],
      seed: 'streams',
    });
    exchange = createBinanceExchange(
      {
        ...shared,
        egress: { box: 'athena', egressAddress: '127.0.3.2', bindAddress: '127.0.3.2' },
        credentialsOf: async () => ({ apiKey: 'key', apiSecret: 'secret' }),
        budget: createMemoryWindowBudget(),
      },
      { restUrl: venue.urls.rest },
    );
    await exchange.ensureHedgeMode(ACCOUNT, signal);
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kraite-streams-'));
    return () => rm(folder, { recursive: true });
  });
  afterAll(async () => {
    await exchange[Symbol.asyncDispose]();
    await venue[Symbol.asyncDispose]();
  });

  test('marks of every symbol reach the board and stay fresh', async () => {
    const board = createMemoryPriceBoard();
    await using stream = createMarkPriceStream(
      { ...shared, board },
      { url: venue.urls.marketStream, bindAddress: '127.0.3.2' },
    );
    await eventually(async () => expect((await board.readAll()).size).toBeGreaterThan(20));
    const first = await board.find(SYMBOL);
    expect(first?.price.greaterThan(0)).toBe(true);
    await eventually(async () =>
      expect((await board.find(SYMBOL))?.atMs).toBeGreaterThan(first?.atMs ?? 0),
    );
    expect(stream.isConnected()).toBe(true);
  });

  test('the fills of an account arrive in order, after a first gap that has it reconciled', async () => {
    const frames: string[] = [];
    const gaps: AccountId[] = [];
    await using streams = listen({
      gaps,
      onFrame: async (_account, text) => void frames.push(text),
    });
    await eventually(() => expect(streams.connected().get(ACCOUNT)).toBe(true));
    const clientOrderId = await buy();
    await eventually(() => {
      const events = frames.map(decodeUserFrame);
      const ours = events.filter(
        (event) => event.kind === 'order' && event.clientOrderId === clientOrderId,
      );
      expect(ours.at(-1)).toMatchObject({ report: { status: 'filled' }, direction: 'long' });
      expect(events.some((event) => event.kind === 'account')).toBe(true);
    });
    expect(gaps).toEqual([ACCOUNT]);
  });

  test('a cut socket comes back by itself, and its gap is told', async () => {
    const frames: string[] = [];
    const gaps: AccountId[] = [];
    await using streams = listen({
      gaps,
      onFrame: async (_account, text) => void frames.push(text),
    });
    await eventually(() => expect(gaps).toHaveLength(1));
    await order({ closeUserStreams: true });
    await eventually(() => expect(gaps).toHaveLength(2));
    await eventually(() => expect(streams.connected().get(ACCOUNT)).toBe(true));
    const clientOrderId = await buy();
    await eventually(() => expect(frames.join('\n')).toContain(clientOrderId));
  });

  test('a planned renewal misses nothing and is no gap', async () => {
    const frames: string[] = [];
    const gaps: AccountId[] = [];
    await using streams = listen({
      gaps,
      onFrame: async (_account, text) => void frames.push(text),
      settings: { renewAfterMs: 150 },
    });
    await eventually(() => expect(streams.connected().get(ACCOUNT)).toBe(true));
    const ids: string[] = [];
    for (let count = 0; count < 6; count += 1) {
      ids.push(await buy());
      await shared.clock.sleep(70);
    }
    await eventually(() => {
      for (const clientOrderId of ids) expect(frames.join('\n')).toContain(clientOrderId);
    });
    expect(gaps).toHaveLength(1);
  });

  test('a frame that cannot be stored is tried again, then kept as a dead letter, and the next goes on', async () => {
    const stored: string[] = [];
    const poison = `stream-${sequence + 1}`;
    await using streams = listen({
      onFrame: async (_account, text) => {
        if (text.includes(poison)) throw new Error('the core is away');
        stored.push(text);
      },
    });
    await eventually(() => expect(streams.connected().get(ACCOUNT)).toBe(true));
    await buy();
    await eventually(
      async () => {
        const text = await readFile(join(folder, 'dead', 'frames.jsonl'), 'utf8');
        const letter: unknown = JSON.parse(text.split('\n')[0] ?? '');
        expect(letter).toMatchObject({ accountId: ACCOUNT, error: 'the core is away' });
      },
      { limitMs: 15_000 },
    );
    const next = await buy();
    await eventually(() => expect(stored.join('\n')).toContain(next), { limitMs: 15_000 });
  });

  test('accounts come and go with what the fleet lists', async () => {
    let listed: readonly AccountId[] = [];
    await using streams = listen({
      accounts: async () => listed,
      onFrame: async () => undefined,
    });
    await streams.refresh();
    expect(streams.connected().size).toBe(0);
    listed = [ACCOUNT];
    await streams.refresh();
    await eventually(() => expect(streams.connected().get(ACCOUNT)).toBe(true));
    listed = [];
    await streams.refresh();
    expect(streams.connected().size).toBe(0);
  });
});

describe('a venue that misbehaves', () => {
  /** Accepts sockets and does with each as told. */
  async function startServer(
    onSocket: (socket: { close(): void; terminate(): void }, address: string | undefined) => void,
  ) {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0, autoPong: true });
    let connections = 0;
    server.on('connection', (socket, request) => {
      connections += 1;
      onSocket(socket, request.socket.remoteAddress);
    });
    await new Promise((resolve) => {
      server.once('listening', resolve);
    });
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return {
      url: `ws://127.0.0.1:${port}/market`,
      connections: () => connections,
      [Symbol.asyncDispose]: async () => {
        for (const client of server.clients) client.terminate();
        await new Promise((resolve) => {
          server.close(resolve);
        });
      },
    };
  }

  test('every socket leaves from the address that its box was given', async () => {
    const seen = new Set<string | undefined>();
    await using server = await startServer((_socket, address) => seen.add(address));
    await using _stream = createMarkPriceStream(
      { ...shared, board: createMemoryPriceBoard() },
      { url: server.url, bindAddress: '127.0.3.2', idleMsMax: 100 },
    );
    await eventually(() => expect(server.connections()).toBeGreaterThanOrEqual(2));
    expect([...seen]).toEqual(['127.0.3.2']);
  });

  test('a socket that stays open and says nothing is cut and replaced', async () => {
    await using server = await startServer(() => undefined);
    await using _stream = createMarkPriceStream(
      { ...shared, board: createMemoryPriceBoard() },
      { url: server.url, bindAddress: undefined, idleMsMax: 150 },
    );
    await eventually(() => expect(server.connections()).toBeGreaterThanOrEqual(2));
  });

  test('a venue that hangs up at once is not stormed', async () => {
    await using server = await startServer((socket) => socket.terminate());
    await using _stream = createMarkPriceStream(
      { ...shared, board: createMemoryPriceBoard() },
      { url: server.url, bindAddress: undefined },
    );
    await shared.clock.sleep(2_500);
    expect(server.connections()).toBeGreaterThanOrEqual(2);
    expect(server.connections()).toBeLessThanOrEqual(5);
  });
});
