/** How many ticks one process takes in: ours with its board in Redis, an SDK, and the bare library as the ceiling. */
import { WebsocketClient } from 'binance';
import { WebSocket } from 'ws';

import { createSeededRandom, createSystemClock } from '#pkg/base';
import { createRedisPriceBoard } from '#pkg/market-data';
import { createSilentLogger } from '#pkg/observability';
import { connectRedis } from '#pkg/redis';
import {
  createConnectDoor,
  createMarkPriceStream,
  createMemoryConnectAllowance,
  openWebSocket,
} from '#pkg/streams';

export interface IngestResult {
  readonly ticksPerSecond: number;
  /** By the CPU time of the process: what neighbours on the machine do not change. */
  readonly ticksPerCpuSecond: number;
}

const clock = createSystemClock();
const logger = createSilentLogger();
const WARM_MS = 1_500;

/** Takes ticks from `url` for so long after a warm-up and returns how many came. */
export async function measureIngest(
  contender: string,
  url: string,
  options: { readonly seconds: number; readonly redisUrl: string },
): Promise<IngestResult> {
  let ticks = 0;
  const count = (more: number): void => {
    ticks += more;
  };
  if (contender === 'kraite') startKraite(url, options.redisUrl, count);
  else if (contender === 'binance-sdk') startSdk(url, count);
  else startBare(url, count);
  await clock.sleep(WARM_MS);
  ticks = 0;
  const cpu = process.cpuUsage();
  const startedMs = clock.monotonicMs();
  await clock.sleep(options.seconds * 1_000);
  const tookMs = clock.monotonicMs() - startedMs;
  const used = process.cpuUsage(cpu);
  const cpuMs = (used.user + used.system) / 1_000;
  return { ticksPerSecond: (ticks / tookMs) * 1_000, ticksPerCpuSecond: (ticks / cpuMs) * 1_000 };
}

function startKraite(url: string, redisUrl: string, count: (more: number) => void): void {
  const random = createSeededRandom('bench');
  const redis = connectRedis({ url: redisUrl, name: 'bench', logger, mode: 'command' });
  const allowance = createMemoryConnectAllowance({ clock }, { connectsMax: 10 });
  createMarkPriceStream(
    {
      clock,
      random,
      logger,
      openSocket: openWebSocket,
      door: createConnectDoor({ clock, random, allowance }),
      board: createRedisPriceBoard({ redis }),
      onTicks: (ticks) => count(ticks.length),
    },
    { url, bindAddress: undefined },
  );
}

function startSdk(url: string, count: (more: number) => void): void {
  const silent = { trace: () => undefined, info: () => undefined, error: () => undefined };
  const client = new WebsocketClient({ beautify: false, wsUrl: `${url}/stream` }, silent);
  const newest = new Map<string, { readonly p: string }>();
  client.on('message', (message) => {
    const data = (message as { readonly data?: unknown }).data ?? message;
    const rows = (Array.isArray(data) ? data : [data]) as {
      readonly s: string;
      readonly p: string;
    }[];
    for (const row of rows) newest.set(row.s, row);
    count(rows.length);
  });
  client.on('exception', () => undefined);
  void client.connect('usdmMarket');
}

function startBare(url: string, count: (more: number) => void): void {
  const newest = new Map<string, { readonly p: string }>();
  new WebSocket(`${url}/stream`, { perMessageDeflate: false }).on('message', (bytes: Buffer) => {
    const { data } = JSON.parse(bytes.toString('utf8')) as { readonly data: unknown };
    const rows = (Array.isArray(data) ? data : [data]) as {
      readonly s: string;
      readonly p: string;
    }[];
    for (const row of rows) newest.set(row.s, row);
    count(rows.length);
  });
}
