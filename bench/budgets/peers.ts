/**
 * What else could pace requests: BullMQ's limiter and a token bucket, each at the rate that the limit allows.
 *
 * They count what they send and hear nothing of what the venue says; a refusal makes them wait as long as it asks.
 */
import { Queue, Worker } from 'bullmq';

import type { Clock } from '#pkg/base';

/** Sends one request; resolves to how long the answer says to wait, or undefined. */
export type PeerSend = () => Promise<number | undefined>;

export interface Pace {
  readonly max: number;
  readonly windowMs: number;
}

const CONCURRENCY = 16;
const QUEUED_AHEAD = 2_000;
const REFILL = 100;

export async function startBullmqPeer(
  redisUrl: string,
  name: string,
  pace: Pace,
  send: PeerSend,
): Promise<AsyncDisposable> {
  const connection = { url: redisUrl, maxRetriesPerRequest: null };
  const queue = new Queue(name, { connection, prefix: 'peer' });
  let sent = 0;
  const worker = new Worker(
    name,
    async () => {
      const waitMs = await send();
      if (waitMs !== undefined) await queue.rateLimit(waitMs);
      sent += 1;
      if (sent % REFILL === 0) await fill(REFILL);
    },
    {
      connection,
      prefix: 'peer',
      concurrency: CONCURRENCY,
      limiter: { max: pace.max, duration: pace.windowMs },
    },
  );
  const silent = (): void => undefined;
  queue.on('error', silent);
  worker.on('error', silent);
  const fill = (count: number): Promise<unknown> =>
    queue.addBulk(
      Array.from({ length: count }, () => ({
        name: 'request',
        data: {},
        opts: { removeOnComplete: true, removeOnFail: true },
      })),
    );
  await fill(QUEUED_AHEAD);
  return {
    [Symbol.asyncDispose]: async () => {
      await worker.close(true);
      await queue.close();
    },
  };
}

/** A bucket that is full at first and refills evenly. */
export function startTokenBucketPeer(clock: Clock, pace: Pace, send: PeerSend): AsyncDisposable {
  const perMs = pace.max / pace.windowMs;
  const ending = new AbortController();
  let tokens = pace.max;
  let atMs = clock.monotonicMs();
  let restUntilMs = 0;
  const take = (): number => {
    const nowMs = clock.monotonicMs();
    if (nowMs < restUntilMs) return restUntilMs - nowMs;
    tokens = Math.min(pace.max, tokens + (nowMs - atMs) * perMs);
    atMs = nowMs;
    if (tokens < 1) return (1 - tokens) / perMs;
    tokens -= 1;
    return 0;
  };
  const lane = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      const waitMs = take();
      if (waitMs > 0) {
        await clock.sleep(waitMs, ending.signal);
        continue;
      }
      const refusedMs = await send();
      if (refusedMs !== undefined) restUntilMs = clock.monotonicMs() + refusedMs;
    }
  };
  const lanes = Array.from({ length: CONCURRENCY }, lane);
  return {
    [Symbol.asyncDispose]: async () => {
      ending.abort();
      await Promise.allSettled(lanes);
    },
  };
}
