/** What a thousand user sockets in one process cost in memory. */
import { WebsocketClient } from 'binance';
import { WebSocket } from 'ws';

import { createSeededRandom, createSystemClock } from '#pkg/base';
import { id, type AccountId } from '#pkg/domain';
import { createSilentLogger } from '#pkg/observability';
import {
  createConnectDoor,
  createMemoryConnectAllowance,
  createUserStreams,
  openWebSocket,
} from '#pkg/streams';

export interface SocketsResult {
  readonly residentMegabytes: number;
  readonly addedMegabytes: number;
  readonly openMs: number;
}

const clock = createSystemClock();
const OPEN_MS_MAX = 120_000;

/** Opens `count` sockets and returns what they added to the memory of this process, after a collection. */
export async function measureSockets(
  contender: string,
  url: string,
  count: number,
): Promise<SocketsResult> {
  const before = residentMegabytes();
  const startedMs = clock.monotonicMs();
  const openedOf = START[contender] ?? startBare;
  const opened = openedOf(url, count);
  while (opened() < count) {
    if (clock.monotonicMs() - startedMs > OPEN_MS_MAX) throw new Error(`${opened()} of ${count}`);
    await clock.sleep(50);
  }
  const openMs = clock.monotonicMs() - startedMs;
  await clock.sleep(1_000);
  const after = residentMegabytes();
  return { residentMegabytes: after, addedMegabytes: after - before, openMs };
}

function residentMegabytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().rss / 1_048_576;
}

const START: Readonly<Record<string, (url: string, count: number) => () => number>> = {
  kraite: startKraite,
  'binance-sdk': startSdk,
};

/** Without the pace that the venue asks for: a real start of so many takes minutes. */
function startKraite(url: string, count: number): () => number {
  const random = createSeededRandom('bench');
  const accounts = Array.from({ length: count }, (_, index) => id<AccountId>(`account-${index}`));
  const allowance = createMemoryConnectAllowance({ clock }, { connectsMax: count * 2 });
  const streams = createUserStreams(
    {
      clock,
      random,
      logger: createSilentLogger(),
      openSocket: openWebSocket,
      door: createConnectDoor({ clock, random, allowance }, { gapMs: 0 }),
      accounts: async () => accounts,
      exchange: {
        openUserStream: async (accountId) => `key-${accountId}`,
        extendUserStream: async () => undefined,
      },
      onFrame: async () => 'stored',
      onGap: async () => undefined,
      onCompleteness: async () => undefined,
    },
    { url, bindAddress: undefined, deadLetterPath: '/nowhere/dead-letters.jsonl' },
  );
  return () => [...streams.connected().values()].filter(Boolean).length;
}

function startSdk(url: string, count: number): () => number {
  const silent = { trace: () => undefined, info: () => undefined, error: () => undefined };
  let opened = 0;
  for (let index = 0; index < count; index += 1) {
    const client = new WebsocketClient(
      { beautify: false, wsUrl: `${url}/ws/key-${index}` },
      silent,
    );
    client.on('open', () => {
      opened += 1;
    });
    client.on('exception', () => undefined);
    void client.connect('usdmPrivate');
  }
  return () => opened;
}

function startBare(url: string, count: number): () => number {
  let opened = 0;
  for (let index = 0; index < count; index += 1) {
    new WebSocket(`${url}/ws/key-${index}`, { perMessageDeflate: false }).on('open', () => {
      opened += 1;
    });
  }
  return () => opened;
}
