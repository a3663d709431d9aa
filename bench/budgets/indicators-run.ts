/** The indicator plan from four processes, one of them killed midway, against a provider that hides its window. */
import { createSystemClock, createSystemRandom } from '#pkg/base';

import type { BenchRedis } from './bench-redis.ts';
import {
  PLAN,
  startProvider,
  type BenchProvider,
  type ProviderWindow,
} from './indicator-provider.ts';
import { bulkSender } from './peer-requests.ts';
import { startBullmqPeer, startTokenBucketPeer } from './peers.ts';
import { startSenders } from './senders.ts';

export interface IndicatorsResult {
  readonly usePercent: number;
  readonly refused: number;
  readonly calculations: number;
}

const MINUTE_MS = 60_000;
const PROCESSES = 4;
const clock = createSystemClock();
const random = createSystemRandom();

export async function runIndicators(
  redis: BenchRedis,
  minutes: number,
): Promise<
  Readonly<Record<'ours' | 'bullmq' | 'token-bucket', IndicatorsResult>> & {
    readonly window: ProviderWindow;
  }
> {
  await using stack = new AsyncDisposableStack();
  const window: ProviderWindow = random.integer(2) === 0 ? 'sliding' : 'fixed';
  const provider = async (): Promise<BenchProvider> =>
    stack.use(await startProvider(window, random));
  const [ours, bullmq, bucket] = [await provider(), await provider(), await provider()];
  const startedMs = clock.monotonicMs();
  const senders = stack.use(
    await startSenders(
      Array.from({ length: PROCESSES }, () => ({
        load: 'indicators' as const,
        redisUrl: redis.url,
        prefix: `bench:indicators:${startedMs}`,
        url: ours.url,
        addresses: [],
        accounts: [],
        skewMs: 0,
        headerLoss: 0,
      })),
    ),
  );
  const paced = stack.use(bulkSender(bullmq.url));
  stack.use(await startBullmqPeer(redis.url, 'indicators', asPace(), paced.send));
  stack.use(startTokenBucketPeer(clock, asPace(), stack.use(bulkSender(bucket.url)).send));
  await clock.sleep((minutes * MINUTE_MS) / 2);
  senders.kill(0);
  await clock.sleep((minutes * MINUTE_MS) / 2);
  return {
    window,
    ours: conclude(ours),
    bullmq: conclude(bullmq),
    'token-bucket': conclude(bucket),
  };
}

function asPace() {
  return { max: PLAN.weightMax, windowMs: PLAN.windowMs };
}

/** Counts whole windows from the first request on: the first one is a burst, as every later one may be. */
function conclude({ answered }: BenchProvider): IndicatorsResult {
  const firstMs = answered[0]?.atMs ?? 0;
  const windows = Math.floor((clock.monotonicMs() - firstMs) / PLAN.windowMs);
  const endMs = firstMs + windows * PLAN.windowMs;
  const counted = answered.filter(({ atMs }) => atMs < endMs);
  const granted = counted.filter(({ isGranted }) => isGranted);
  const calculations = granted.reduce((sum, each) => sum + each.calculations, 0);
  return {
    usePercent: (granted.length / (windows * PLAN.weightMax)) * 100,
    refused: answered.filter(({ isGranted }) => !isGranted).length,
    calculations: calculations / Math.max(1, granted.length),
  };
}
