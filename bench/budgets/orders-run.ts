/** Orders of three accounts from four processes: what was used of what the venue would have granted. */
import { createSystemClock } from '#pkg/base';
import { startSimulatedVenue } from '../../pkg/exchange/simulated/index.ts';

import type { BenchRedis } from './bench-redis.ts';
import { signedSender, type PeerAccount } from './peer-requests.ts';
import { startBullmqPeer, startTokenBucketPeer } from './peers.ts';
import type { SenderOrders } from './sender.ts';
import { startSenders } from './senders.ts';
import { watchOrders, type VenueLedger } from './venue-ledger.ts';

export interface OrdersResult {
  readonly usePercent: number;
  readonly refused: number;
}

const MINUTE_MS = 60_000;
const ORDERS_OF_MINUTE = 1_200;
const OURS = ['orders-1', 'orders-2', 'orders-3'];
const BULLMQ_ACCOUNT = 'orders-bullmq';
const BUCKET_ACCOUNT = 'orders-bucket';
const clock = createSystemClock();
const secretOf = (key: string): PeerAccount => ({ key, secret: `secret-of-${key}` });

/** An account may place 300 orders in 10 s and 1,200 in a minute, so four of a minute's six windows can be full. */
export async function runOrders(
  redis: BenchRedis,
  minutes: number,
): Promise<Readonly<Record<'ours' | 'bullmq' | 'token-bucket', OrdersResult>>> {
  await using stack = new AsyncDisposableStack();
  const venue = stack.use(
    await startSimulatedVenue({
      accounts: [...OURS, BULLMQ_ACCOUNT, BUCKET_ACCOUNT].map((key) => ({
        ...secretOf(key),
        balance: '100000',
      })),
      seed: 'budgets',
      symbolCount: 6,
    }),
  );
  const ledger = watchOrders(venue);
  const prefix = `bench:orders:${clock.nowMs()}`;
  await startPeers(stack, redis.url, venue.urls.rest);
  stack.use(
    await startSenders(
      ['127.0.7.1', '127.0.7.2', '127.0.7.3', '127.0.7.4'].map((address): SenderOrders => ({
        load: 'orders',
        redisUrl: redis.url,
        prefix,
        url: venue.urls.rest,
        addresses: [address],
        accounts: OURS.map(secretOf),
        skewMs: 0,
        headerLoss: 0,
      })),
    ),
  );
  const startMs = Math.ceil(clock.nowMs() / MINUTE_MS) * MINUTE_MS;
  const endMs = startMs + minutes * MINUTE_MS;
  await clock.sleep(endMs - clock.nowMs());
  const result = (accounts: readonly string[]): OrdersResult =>
    conclude(ledger, accounts, [startMs, endMs]);
  return {
    ours: result(OURS),
    bullmq: result([BULLMQ_ACCOUNT]),
    'token-bucket': result([BUCKET_ACCOUNT]),
  };
}

/** Of the two limits a single pace can keep only one: 200 in 10 s is the minute's. */
async function startPeers(
  stack: AsyncDisposableStack,
  redisUrl: string,
  url: string,
): Promise<void> {
  const pace = { max: ORDERS_OF_MINUTE / 6, windowMs: 10_000 };
  const sender = (address: string, key: string) => {
    let count = 0;
    const next = () => {
      count += 1;
      const side = count % 2 === 0 ? 'SELL' : 'BUY';
      const parameters = { symbol: 'DOGEUSDT', side, type: 'MARKET', quantity: '100' };
      return { method: 'POST', path: '/fapi/v1/order', parameters } as const;
    };
    return stack.use(signedSender(url, { address, account: secretOf(key), next }));
  };
  const paced = sender('127.0.7.11', BULLMQ_ACCOUNT);
  stack.use(await startBullmqPeer(redisUrl, 'orders', pace, paced.send));
  stack.use(startTokenBucketPeer(clock, pace, sender('127.0.7.12', BUCKET_ACCOUNT).send));
}

function conclude(
  ledger: VenueLedger,
  accounts: readonly string[],
  [startMs, endMs]: readonly [number, number],
): OrdersResult {
  const granted = accounts
    .flatMap((account) => ledger.granted(account, startMs, endMs))
    .reduce((sum, orders) => sum + orders, 0);
  const minutes = (endMs - startMs) / MINUTE_MS;
  return {
    usePercent: (granted / (ORDERS_OF_MINUTE * minutes * accounts.length)) * 100,
    refused: accounts.reduce((sum, account) => sum + ledger.refused(account), 0),
  };
}
