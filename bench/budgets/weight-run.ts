/** Weight of four addresses for some minutes: what was used of what the venue would have granted. */
import { createSystemClock } from '#pkg/base';
import { startSimulatedVenue } from '../../pkg/exchange/simulated/index.ts';

import { signedSender } from './peer-requests.ts';
import { startBullmqPeer, startTokenBucketPeer } from './peers.ts';
import type { BenchRedis } from './bench-redis.ts';
import type { SenderOrders } from './sender.ts';
import { startSenders } from './senders.ts';
import { watchWeight, type VenueLedger } from './venue-ledger.ts';

export type Disturbance = 'none' | 'skew' | 'headers' | 'ban' | 'redis';

export interface WeightResult {
  readonly usePercent: number;
  readonly refused: number;
  /** Most used address over the mean, addresses that were never banned. */
  readonly imbalance: number;
}

const MINUTE_MS = 60_000;
const WEIGHT_MAX = 2_400;
const ADDRESSES = ['127.0.6.1', '127.0.6.2', '127.0.6.3', '127.0.6.4'];
const BULLMQ_ADDRESS = '127.0.6.11';
const BUCKET_ADDRESS = '127.0.6.12';
const ACCOUNT = { key: 'bench-key', secret: 'bench-secret' };
const BALANCE = { method: 'GET', path: '/fapi/v3/balance', parameters: {} } as const;
const BALANCE_WEIGHT = 5;
const LATENCY_MS = 20;
const SKEWS_MS = [500, -500, 500, -500];
const HEADER_LOSS = 0.05;
const clock = createSystemClock();

/** Runs four processes, each on two of the addresses, so that every address is shared by two. */
export async function runWeight(
  redis: BenchRedis,
  options: {
    readonly minutes: number;
    readonly disturbance: Disturbance;
    readonly withPeers: boolean;
  },
): Promise<Readonly<Record<'ours' | 'bullmq' | 'token-bucket', WeightResult>>> {
  const { minutes, disturbance } = options;
  await using stack = new AsyncDisposableStack();
  const venue = stack.use(
    await startSimulatedVenue({
      accounts: [{ ...ACCOUNT, balance: '10000' }],
      seed: 'budgets',
      symbolCount: 6,
    }),
  );
  venue.runtime.faults.setLatencyMs(LATENCY_MS);
  const ledger = watchWeight(venue);
  const prefix = `bench:${disturbance}:${clock.nowMs()}`;
  if (options.withPeers) await startPeers(stack, redis.url, venue.urls.rest);
  stack.use(
    await startSenders(
      ADDRESSES.map((address, index): SenderOrders => {
        const neighbour = ADDRESSES[(index + 1) % ADDRESSES.length] ?? address;
        return {
          load: 'reads',
          redisUrl: redis.url,
          prefix,
          url: venue.urls.rest,
          addresses: [address, neighbour],
          accounts: [ACCOUNT],
          skewMs: disturbance === 'skew' ? (SKEWS_MS[index] ?? 0) : 0,
          headerLoss: disturbance === 'headers' ? HEADER_LOSS : 0,
        };
      }),
    ),
  );
  // They send already in the minute before the first that counts.
  const startMs = Math.ceil(clock.nowMs() / MINUTE_MS) * MINUTE_MS;
  const endMs = startMs + minutes * MINUTE_MS;
  const middleMs = (startMs + endMs) / 2;
  await clock.sleep(middleMs - clock.nowMs());
  const banned = disturbance === 'ban' ? ADDRESSES.slice(0, 1) : [];
  for (const address of banned) venue.runtime.addressLimits.ban(address, endMs + MINUTE_MS);
  if (disturbance === 'redis') await redis.restartEmpty();
  await clock.sleep(endMs - clock.nowMs());
  const result = (addresses: readonly string[]): WeightResult =>
    conclude(ledger, addresses, [startMs, endMs]);
  return {
    ours: result(ADDRESSES.filter((address) => !banned.includes(address))),
    bullmq: result([BULLMQ_ADDRESS]),
    'token-bucket': result([BUCKET_ADDRESS]),
  };
}

async function startPeers(
  stack: AsyncDisposableStack,
  redisUrl: string,
  url: string,
): Promise<void> {
  const pace = { max: WEIGHT_MAX / BALANCE_WEIGHT, windowMs: MINUTE_MS };
  const sender = (address: string) =>
    stack.use(signedSender(url, { address, account: ACCOUNT, next: () => BALANCE }));
  const paced = sender(BULLMQ_ADDRESS);
  stack.use(await startBullmqPeer(redisUrl, 'weight', pace, paced.send));
  stack.use(startTokenBucketPeer(clock, pace, sender(BUCKET_ADDRESS).send));
}

function conclude(
  ledger: VenueLedger,
  addresses: readonly string[],
  [startMs, endMs]: readonly [number, number],
): WeightResult {
  const totals = addresses.map((address) => {
    const minutely = ledger.granted(address, startMs, endMs);
    process.stderr.write(`${address}: ${minutely.join(' ')} of ${WEIGHT_MAX} in each minute\n`);
    return minutely.reduce((sum, weight) => sum + weight, 0);
  });
  const total = totals.reduce((sum, weight) => sum + weight, 0);
  const minutes = (endMs - startMs) / MINUTE_MS;
  return {
    usePercent: (total / (WEIGHT_MAX * minutes * addresses.length)) * 100,
    refused: addresses.reduce((sum, address) => sum + ledger.refused(address), 0),
    imbalance: Math.max(...totals) / (total / addresses.length),
  };
}
