import { holdLease } from '#pkg/schedule/leases';
import { createMarkPriceStream } from '#pkg/streams';
import { openCore, requireEgress } from './core.ts';
import { disposeAll, holderOf, showPresence } from './presence.ts';
import type { ProcessBase, ProcessRole } from './process.ts';
import { venueHosts } from './venue.ts';

const LEASE = 'market-stream';
const LEASE_TTL_MS = 6_000;

/** Composes the mark-price stream on athena: whoever holds the lease listens and writes the board. */
export async function composeMarketStream(base: ProcessBase): Promise<ProcessRole> {
  const { config, logger, clock, random, metrics } = base;
  const egress = requireEgress(base);
  const core = await openCore(base);
  const holder = holderOf(base);
  const presence = await showPresence(base, core, { holder });
  let stream: ReturnType<typeof createMarkPriceStream> | undefined;
  const lease = holdLease(
    { leases: core.store.leases, clock, logger },
    {
      name: LEASE,
      holder,
      ttlMs: LEASE_TTL_MS,
      onAcquired: () => {
        stream = createMarkPriceStream(
          { board: core.prices, clock, random, logger, metrics },
          { url: venueHosts(config).marketStreamUrl, bindAddress: egress.bindAddress },
        );
      },
      onLost: () => {
        void stream?.[Symbol.asyncDispose]();
        stream = undefined;
      },
    },
  );
  return {
    readiness: () => ({}),
    [Symbol.asyncDispose]: () => disposeAll([lease, stream, presence, core]),
  };
}
