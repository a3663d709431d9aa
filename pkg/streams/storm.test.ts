import { describe, expect, test } from 'vitest';

import { createSeededRandom } from '#pkg/base';
import { createMemoryPriceBoard } from '#pkg/market-data';
import { createSilentLogger } from '#pkg/observability';
import { busiestWindow, createStreamBench } from '../../tests/harness/streams/stream-bench.ts';
import { createVirtualTime } from '../../tests/harness/streams/virtual-time.ts';
import {
  CONNECT_WINDOW_MS,
  CONNECTS_MAX,
  createMemoryConnectAllowance,
  VENUE_CONNECTS_MAX,
} from './connect-allowance.ts';
import { createConnectDoor } from './connect-door.ts';
import { createMarkPriceStream } from './mark-price-stream.ts';
import { createMemorySockets } from './memory-sockets.ts';

const ACCOUNTS = 300;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** One knocks for all, at least 15 s after the one before; and the few that found it out. */
const OUTAGE_CONNECTS_MAX = (4 * HOUR_MS) / 15_000 + 10;

describe('reconnecting in virtual time', () => {
  test('the first connections of many accounts are staggered within what the address may make (incident 28)', async () => {
    const bench = createStreamBench({ accounts: ACCOUNTS });
    const streams = bench.start();
    await bench.pass(MINUTE_MS);
    const attempts = bench.sockets.attempts();
    const gaps = attempts.slice(1).map((atMs, index) => atMs - (attempts[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(250);
    await bench.pass(9 * MINUTE_MS);
    expect(busiestWindow(attempts, CONNECT_WINDOW_MS)).toBe(CONNECTS_MAX.accounts);
    expect([...streams.connected().values()].every(Boolean)).toBe(true);
    expect(attempts).toHaveLength(ACCOUNTS);
    await streams[Symbol.asyncDispose]();
  });

  test.each(['refuse', 'hang-up', 'ignore'] as const)(
    'an exchange whose sockets %s for four hours is knocked at by one for all, and then all come back (incident 23)',
    async (answer) => {
      const bench = createStreamBench({ accounts: ACCOUNTS });
      const streams = bench.start();
      await bench.pass(11 * MINUTE_MS);
      const before = bench.sockets.attempts().length;
      bench.sockets.answerWith(answer);
      for (const peer of bench.sockets.peers()) peer.close();
      await bench.pass(4 * HOUR_MS);
      const during = bench.sockets.attempts().length - before;
      expect(during).toBeGreaterThan(4 * 60);
      expect(during).toBeLessThanOrEqual(OUTAGE_CONNECTS_MAX + (answer === 'refuse' ? 0 : 80));
      bench.sockets.answerWith('accept');
      await bench.pass(12 * MINUTE_MS);
      expect([...streams.connected().values()].every(Boolean)).toBe(true);
      expect([...bench.states.values()].every((state) => state.isComplete)).toBe(true);
      const busiest = busiestWindow(bench.sockets.attempts(), CONNECT_WINDOW_MS);
      expect(busiest).toBeLessThanOrEqual(CONNECTS_MAX.accounts);
      await streams[Symbol.asyncDispose]();
    },
  );

  test('an exchange that closes every socket at once gets each account back once, and no crowd', async () => {
    const bench = createStreamBench({ accounts: ACCOUNTS });
    const streams = bench.start();
    await bench.pass(15 * MINUTE_MS);
    const before = bench.sockets.attempts().length;
    for (const peer of bench.sockets.peers()) peer.close();
    await bench.pass(8 * MINUTE_MS);
    expect(bench.sockets.attempts().length - before).toBe(ACCOUNTS);
    expect([...streams.connected().values()].every(Boolean)).toBe(true);
    await streams[Symbol.asyncDispose]();
  });

  test('a process that restarts again and again stays within what its address may make (incident 25)', async () => {
    const { clock, pass } = createVirtualTime();
    const allowance = createMemoryConnectAllowance(
      { clock },
      { connectsMax: CONNECTS_MAX.accounts },
    );
    const attempts: number[] = [];
    for (let restart = 0; restart < 12; restart += 1) {
      const bench = createStreamBench({ accounts: ACCOUNTS, allowance });
      const offsetMs = clock.monotonicMs();
      const streams = bench.start();
      for (let step = 0; step < 20; step += 1) {
        await bench.pass(1_000);
        await pass(1_000);
      }
      attempts.push(...bench.sockets.attempts().map((atMs) => atMs + offsetMs));
      await streams[Symbol.asyncDispose]();
    }
    expect(busiestWindow(attempts, CONNECT_WINDOW_MS)).toBeLessThanOrEqual(CONNECTS_MAX.accounts);
    expect(attempts.length).toBeGreaterThan(ACCOUNTS / 2);
  });

  test('one account whose connections fail holds up nobody else for long', async () => {
    const bench = createStreamBench({ accounts: 20 });
    const streams = bench.start();
    await bench.pass(MINUTE_MS);
    const connected = [...streams.connected().values()].filter(Boolean).length;
    expect(connected).toBe(20);
    bench.sockets.peers()[3]?.close();
    await bench.pass(2_000);
    expect([...streams.connected().values()].every(Boolean)).toBe(true);
    await streams[Symbol.asyncDispose]();
  });

  test('prices and accounts of one address together stay below the limit of the venue', () => {
    expect(Math.max(...Object.values(CONNECTS_MAX))).toBeLessThan(VENUE_CONNECTS_MAX);
  });
});

describe('the stream of marks in virtual time', () => {
  async function setUp() {
    const { clock, pass } = createVirtualTime();
    const random = createSeededRandom('marks');
    const sockets = createMemorySockets({ clock });
    const allowance = createMemoryConnectAllowance({ clock }, { connectsMax: CONNECTS_MAX.prices });
    const board = createMemoryPriceBoard();
    const saved: number[] = [];
    const returned: number[] = [];
    const stream = createMarkPriceStream(
      {
        clock,
        random,
        logger: createSilentLogger(),
        openSocket: sockets.open,
        door: createConnectDoor({ clock, random, allowance }),
        board,
        saveTicks: async (ticks) => void saved.push(ticks.length),
        onReturned: () => returned.push(clock.monotonicMs()),
      },
      { url: 'memory://venue/market', bindAddress: undefined },
    );
    await pass(1);
    return { clock, pass, sockets, board, saved, returned, stream };
  }
  const mark = (atMs: number, price = '1.5'): string =>
    JSON.stringify([{ e: 'markPriceUpdate', E: atMs, s: 'BTCUSDT', p: price, st: 1 }]);

  test('a socket that falls silent is cut 15 s after its last frame, though it answers pings', async () => {
    const { clock, pass, sockets, stream } = await setUp();
    sockets.peers()[0]?.send(mark(clock.nowMs()));
    await pass(14_900);
    expect(sockets.attempts()).toHaveLength(1);
    await pass(1_500);
    expect(sockets.attempts()).toHaveLength(2);
    await stream[Symbol.asyncDispose]();
  });

  test('marks that stay away for a minute are said to be stale, and fresh ones are not (incident 23)', async () => {
    const { clock, pass, sockets, stream } = await setUp();
    sockets.peers()[0]?.send(mark(clock.nowMs()));
    expect(stream.refusal()).toBeUndefined();
    await pass(61_000);
    expect(stream.refusal()).toBe('MarkPriceStale');
    sockets.peers()[0]?.send(mark(clock.nowMs()));
    expect(stream.refusal()).toBeUndefined();
    await stream[Symbol.asyncDispose]();
  });

  test('the first marks, and the first after a silence that made the old ones stale, are told once they are on the board', async () => {
    const { clock, pass, sockets, returned, stream } = await setUp();
    expect(returned).toEqual([]);
    sockets.peers()[0]?.send(mark(clock.nowMs()));
    await pass(1_000);
    sockets.peers()[0]?.send(mark(clock.nowMs()));
    await pass(40_000);
    sockets.peers()[0]?.send(mark(clock.nowMs()));
    await pass(1_000);
    expect(returned).toHaveLength(1);
    await pass(61_000);
    sockets.peers()[0]?.send(mark(clock.nowMs()));
    await pass(1_000);
    expect(returned).toHaveLength(2);
    await stream[Symbol.asyncDispose]();
  });

  test('prices reach the rows in batches of their own, one in five seconds, however often they come (incident 37)', async () => {
    const { clock, pass, sockets, saved, stream } = await setUp();
    for (let count = 0; count < 600; count += 1) {
      sockets.peers()[0]?.send(mark(clock.nowMs() + 1));
      await pass(100);
    }
    expect(saved.length).toBeGreaterThanOrEqual(11);
    expect(saved.length).toBeLessThanOrEqual(13);
    await stream[Symbol.asyncDispose]();
  });

  test('a frame that was under way to the old socket at a renewal still arrives, and takes nothing back', async () => {
    const { clock, pass, sockets, board, stream } = await setUp();
    const keepAlive = async (durationMs: number): Promise<void> => {
      for (let leftMs = durationMs; leftMs > 0; leftMs -= 10_000) {
        for (const peer of sockets.peers()) peer.send(mark(clock.nowMs()));
        await pass(10_000);
      }
    };
    while (sockets.peers().length < 2) await keepAlive(10_000);
    const [old, next] = sockets.peers();
    next?.send(mark(clock.nowMs() + 2, '3'));
    old?.send(mark(clock.nowMs() + 1, '2'));
    await pass(1);
    expect((await board.readAll()).size).toBe(1);
    expect(stream.newest.get('BTCUSDT' as never)?.mark).toBe('3');
    await pass(6_000);
    expect(sockets.peers()).toEqual([next]);
    expect(clock.monotonicMs()).toBeLessThan(23.1 * HOUR_MS);
    await stream[Symbol.asyncDispose]();
  });
});
