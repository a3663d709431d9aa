/** A pool of its own beside the weight: so many a window for each address, in windows that begin with the clock. */
export interface WindowPool {
  /** Counts one; returns the seconds to wait where the pool is spent. */
  take(address: string, nowMs: number): number | undefined;
}

export function createWindowPool(options: {
  readonly windowMs: number;
  readonly max: number;
}): WindowPool {
  const { windowMs, max } = options;
  const counts = new Map<string, { readonly index: number; count: number }>();
  return {
    take: (address, nowMs) => {
      const index = Math.floor(nowMs / windowMs);
      const known = counts.get(address);
      const use = known?.index === index ? known : { index, count: 0 };
      counts.set(address, use);
      use.count += 1;
      if (use.count <= max) return undefined;
      return Math.max(1, Math.ceil(((index + 1) * windowMs - nowMs) / 1000));
    },
  };
}

const FIVE_MINUTES_MS = 300_000;

/**
 * Pools of endpoints: fundingRate and fundingInfo share 500 requests in five minutes, what stands below /futures/data
 * 1,000. Source: the venue's pages "Get Funding Rate History" and "Open Interest Statistics".
 */
export const ENDPOINT_POOLS = { funding: 500, data: 1_000 } as const;

export function createEndpointPools(): Readonly<Record<keyof typeof ENDPOINT_POOLS, WindowPool>> {
  return {
    funding: createWindowPool({ windowMs: FIVE_MINUTES_MS, max: ENDPOINT_POOLS.funding }),
    data: createWindowPool({ windowMs: FIVE_MINUTES_MS, max: ENDPOINT_POOLS.data }),
  };
}

/**
 * Attempts to open a WebSocket: 300 in five minutes.
 *
 * Source: the venue's spot pages "Rate limits" of the WebSocket API and streams; those of USD-M futures name none.
 */
export function createConnectionPool(max = 300): WindowPool {
  return createWindowPool({ windowMs: FIVE_MINUTES_MS, max });
}
