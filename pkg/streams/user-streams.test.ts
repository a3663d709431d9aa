import { describe, expect, test } from 'vitest';

import { required } from '#pkg/base';
import type { AccountId } from '#pkg/domain';
import { ExchangeRejectedError } from '#pkg/exchange';
import { createMetrics } from '#pkg/observability';
import { createStreamBench } from '../../tests/harness/streams/stream-bench.ts';
import { settle } from '../../tests/harness/streams/virtual-time.ts';
import type { Completeness } from './completeness.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

function only<T>(values: Iterable<T>): T {
  const [first, ...others] = values;
  expect(others).toEqual([]);
  return required(first, 'one');
}

const wordOf = (state: Completeness): string => (state.isComplete ? 'complete' : state.reason);

describe('whether the events of an account are complete', () => {
  test('they are not until the account was read by REST after the socket opened, and each state says why', async () => {
    const told: string[] = [];
    let finishReading: () => void = () => undefined;
    const bench = createStreamBench({
      parts: {
        onGap: () =>
          new Promise((resolve) => {
            finishReading = resolve;
          }),
        onCompleteness: async (_accountId, state) => void told.push(wordOf(state)),
      },
    });
    await using streams = bench.start();
    await bench.pass(10);
    expect(wordOf(only(streams.completeness().values()))).toBe('StreamGapOpen');
    finishReading();
    await bench.pass(10);
    const complete = only(streams.completeness().values());
    expect(complete).toEqual({ isComplete: true, sinceMs: expect.any(Number) as number });
    only(bench.sockets.peers()).close();
    await bench.pass(1);
    expect(wordOf(only(streams.completeness().values()))).toBe('StreamConnecting');
    expect(told.slice(-3)).toEqual(['StreamGapOpen', 'complete', 'StreamConnecting']);
  });

  test('a reading that fails is done again, and one that a newer gap overtook does not count', async () => {
    const readings: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] =
      [];
    const bench = createStreamBench({
      parts: {
        onGap: () =>
          new Promise((resolve, reject) => {
            readings.push({ resolve, reject });
          }),
      },
    });
    await using streams = bench.start();
    const word = (): string => wordOf(only(streams.completeness().values()));
    await bench.pass(10);
    readings[0]?.reject(new Error('the venue is away'));
    await bench.pass(1_000);
    expect([readings.length, word()]).toEqual([2, 'StreamGapOpen']);
    only(bench.sockets.peers()).close();
    await bench.pass(2_000);
    expect(readings).toHaveLength(3);
    readings[1]?.resolve();
    await settle();
    expect(word()).toBe('StreamGapOpen');
    readings[2]?.resolve();
    await settle();
    expect(word()).toBe('complete');
  });

  test('frames that nobody can read open a gap, and a burst of them is answered by one reading', async () => {
    const bench = createStreamBench({ parts: { onFrame: async () => 'unreadable' } });
    await using streams = bench.start();
    await bench.pass(10);
    expect(bench.gaps).toHaveLength(1);
    for (let count = 0; count < 50; count += 1) only(bench.sockets.peers()).send('<html>');
    await settle();
    expect(wordOf(only(streams.completeness().values()))).toBe('StreamGapOpen');
    await bench.pass(1_100);
    expect(bench.gaps).toHaveLength(2);
    expect(wordOf(only(streams.completeness().values()))).toBe('complete');
  });

  test('a state that cannot be kept is told again, the newest one', async () => {
    let isAway = true;
    const kept: string[] = [];
    const bench = createStreamBench({
      parts: {
        onCompleteness: async (_accountId, state) => {
          if (isAway) throw new Error('the core is away');
          kept.push(wordOf(state));
        },
      },
    });
    await using _streams = bench.start();
    await bench.pass(5_000);
    expect(kept).toEqual([]);
    isAway = false;
    await bench.pass(6_000);
    expect(kept).toEqual(['complete']);
  });
});

test('whoever listens says on /metrics what of, and nothing any more when it has ended', async () => {
  const metrics = createMetrics({
    box: 'athena',
    process: 'user-stream',
    version: '0',
    isNodeIncluded: false,
  });
  const bench = createStreamBench({ accounts: 3, parts: { metrics } });
  const streams = bench.start();
  await bench.pass(5_000);
  const page = async (): Promise<string> => (await metrics.render()).text;
  expect(await page()).toMatch(/kraite_stream_accounts\{state="complete"[^}]*\} 3/u);
  bench.sockets.peers()[0]?.close();
  await settle();
  expect(await page()).toMatch(/kraite_stream_accounts\{state="incomplete"[^}]*\} 1/u);
  expect(await page()).toMatch(/kraite_stream_connected\{stream="user"[^}]*\} 1/u);
  await streams[Symbol.asyncDispose]();
  expect(await page()).not.toMatch(/kraite_stream_(?:connected|accounts)\{/u);
});

describe('the socket and the key of an account', () => {
  test('a socket without pongs is cut 60 s after its last sign of life', async () => {
    const bench = createStreamBench();
    await using _streams = bench.start();
    await bench.pass(5 * MINUTE_MS);
    expect(bench.sockets.attempts()).toHaveLength(1);
    only(bench.sockets.peers()).fallSilent();
    const silentSinceMs = bench.clock.monotonicMs();
    await bench.pass(62_000);
    expect(bench.sockets.attempts()).toHaveLength(2);
    const [, again = 0] = bench.sockets.attempts();
    expect(again - silentSinceMs).toBeLessThanOrEqual(61_000);
    expect(bench.gaps).toHaveLength(2);
  });

  test('the key is extended at least every half hour while the socket stays', async () => {
    const bench = createStreamBench();
    await using _streams = bench.start();
    await bench.pass(5 * HOUR_MS);
    expect(bench.extended.length).toBeGreaterThanOrEqual(10);
    expect(bench.extended.length).toBeLessThanOrEqual(13);
    expect(only(bench.minted.values())).toBe(1);
  });

  test('an expired key is replaced with its socket; the end of an older key ends nothing', async () => {
    const bench = createStreamBench();
    await using _streams = bench.start();
    await bench.pass(10);
    const expire = (listenKey: string): void =>
      only(bench.sockets.peers()).send(
        JSON.stringify({ e: 'listenKeyExpired', E: bench.clock.nowMs(), listenKey }),
      );
    expire('another');
    await bench.pass(5_000);
    expect(bench.sockets.attempts()).toHaveLength(1);
    expire('key-account-0-1');
    await bench.pass(5_000);
    expect(only(bench.sockets.peers()).url).toBe('memory://venue/private/ws/key-account-0-2');
    expect(bench.gaps).toHaveLength(2);
  });

  test('a key that the venue does not know any more is minted anew', async () => {
    let isGone = false;
    const bench = createStreamBench();
    const mint = bench.minted;
    const parts = {
      exchange: {
        openUserStream: async (accountId: AccountId) => {
          mint.set(accountId, (mint.get(accountId) ?? 0) + 1);
          return `key-${mint.get(accountId) ?? 0}`;
        },
        extendUserStream: async () => {
          if (!isGone) return;
          throw new ExchangeRejectedError({ rejection: 'OrderNotFound', venueCode: '-1125' });
        },
      },
    };
    const other = createStreamBench({ parts });
    await using _streams = other.start();
    await other.pass(HOUR_MS);
    expect(only(mint.values())).toBe(1);
    isGone = true;
    await other.pass(31 * MINUTE_MS);
    isGone = false;
    expect(only(mint.values())).toBe(2);
    expect(only(other.sockets.peers()).url).toContain('key-2');
  });

  test('an account whose key is refused keeps nobody else from connecting', async () => {
    const bench = createStreamBench({ accounts: 8 });
    const refused = bench.accounts[0];
    const parts = {
      exchange: {
        openUserStream: async (accountId: AccountId) => {
          if (accountId === refused) throw new Error('refused');
          return `key-${accountId}`;
        },
        extendUserStream: async () => undefined,
      },
    };
    const other = createStreamBench({ accounts: 8, parts });
    await using streams = other.start();
    await other.pass(5 * MINUTE_MS);
    expect([...streams.connected().values()].filter(Boolean)).toHaveLength(7);
  });

  test('the planned change opens the new socket first, reads both for a while and is no gap', async () => {
    const bench = createStreamBench();
    await using streams = bench.start();
    await bench.pass(10);
    const [old] = bench.sockets.peers();
    while (bench.sockets.peers().length < 2 && bench.clock.monotonicMs() < 24 * HOUR_MS) {
      await bench.pass(2_000);
    }
    const atMs = bench.clock.monotonicMs();
    expect(atMs).toBeGreaterThan(20.7 * HOUR_MS);
    expect(atMs).toBeLessThan(23 * HOUR_MS + 5_000);
    bench.sockets.delayBy(1_500);
    old?.send('{"e":"under way to the old socket"}');
    for (const peer of bench.sockets.peers()) peer.send('{"e":"sent to both"}');
    await bench.pass(10_000);
    expect(bench.sockets.peers()).toHaveLength(1);
    expect(bench.sockets.peers()).not.toContain(old);
    expect(bench.stored).toEqual([
      '{"e":"under way to the old socket"}',
      '{"e":"sent to both"}',
      '{"e":"sent to both"}',
    ]);
    expect(bench.gaps).toHaveLength(1);
    expect(wordOf(only(streams.completeness().values()))).toBe('complete');
  });

  test('a socket that ends by itself after 24 h is a gap', async () => {
    const bench = createStreamBench({ settings: { renewAfterMs: 40 * HOUR_MS } });
    await using _streams = bench.start();
    await bench.pass(24 * HOUR_MS);
    only(bench.sockets.peers()).close();
    await bench.pass(1_000);
    expect(bench.gaps).toHaveLength(2);
    expect(bench.sockets.peers()).toHaveLength(1);
  });
});
