import type { VenueState } from '../venue/state.ts';

/** Requests by source address, endpoint and refusal; written to the state a few times a second, not one by one. */
export interface RequestCounts {
  note(request: {
    readonly address: string;
    readonly endpoint: string;
    readonly status: number;
  }): void;
  flush(state: VenueState): void;
}

export function createRequestCounts(): RequestCounts {
  let byAddress = new Map<string, number>();
  let byEndpoint = new Map<string, number>();
  let status429 = 0;
  let status418 = 0;
  return {
    note: ({ address, endpoint, status }) => {
      byAddress.set(address, (byAddress.get(address) ?? 0) + 1);
      byEndpoint.set(endpoint, (byEndpoint.get(endpoint) ?? 0) + 1);
      if (status === 429) status429 += 1;
      if (status === 418) status418 += 1;
    },
    flush: (state) => {
      if (byAddress.size === 0) return;
      const known = state.statistics();
      state.count({
        requestsByAddress: added(known.requestsByAddress, byAddress),
        requestsByEndpoint: added(known.requestsByEndpoint, byEndpoint),
        status429: known.status429 + status429,
        status418: known.status418 + status418,
      });
      byAddress = new Map();
      byEndpoint = new Map();
      status429 = 0;
      status418 = 0;
    },
  };
}

function added(
  known: Readonly<Record<string, number>>,
  more: ReadonlyMap<string, number>,
): Readonly<Record<string, number>> {
  const sums: Record<string, number> = { ...known };
  for (const [name, count] of more) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}
