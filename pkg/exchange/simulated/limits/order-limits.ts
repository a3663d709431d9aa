/** New orders of each account, counted in windows of ten seconds and of a minute that begin with the clock. */
const WINDOWS = [
  { name: '10S', words: 'TEN_SECONDS', windowMs: 10_000 },
  { name: '1M', words: 'ONE_MINUTE', windowMs: 60_000 },
] as const;

export type OrderCost = Readonly<Record<'10S' | '1M', number>>;
const ONE: OrderCost = { '10S': 1, '1M': 1 };

export interface OrderCounts {
  /** What the account has counted in each window, this request included. */
  readonly used: OrderCost;
  /** Set when the order is one too many. */
  readonly refusal: string | undefined;
  readonly retryAfterSeconds: number;
}

export interface OrderLimits {
  /** Counts a request that is worth `cost` orders in each window. */
  take(account: string, nowMs: number, cost?: OrderCost): OrderCounts;
}

export function createOrderLimits(limits: Readonly<Record<'10S' | '1M', number>>): OrderLimits {
  const counts = new Map<string, { index: number; count: number }>();
  return {
    take: (account, nowMs, cost = ONE) => {
      const used = { '10S': 0, '1M': 0 };
      let refusal: string | undefined;
      let retryAfterSeconds = 0;
      for (const { name, words, windowMs } of WINDOWS) {
        const index = Math.floor(nowMs / windowMs);
        const key = `${account}|${name}`;
        const known = counts.get(key);
        const count = (known?.index === index ? known.count : 0) + cost[name];
        counts.set(key, { index, count });
        used[name] = count;
        if (count > limits[name]) {
          refusal = `Too many new orders; current limit is ${limits[name]} orders per ${words}.`;
          retryAfterSeconds = Math.ceil(((index + 1) * windowMs - nowMs) / 1000);
        }
      }
      return { used, refusal, retryAfterSeconds };
    },
  };
}
