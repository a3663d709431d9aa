import { holdLease, whileHeld } from '#pkg/schedule/leases';
import { createMarkPriceStream } from '#pkg/streams';
import { openCore, requireEgress, watchIdentity } from './core.ts';
import { holderOf, showPresence } from './presence.ts';
import type { ProcessBase, ProcessRole } from './process.ts';
import { streamRole, whileProved } from './stream-role.ts';
import { venueHosts } from './venue.ts';

const LEASE = 'market-stream';
const LEASE_TTL_MS = 6_000;

/** Composes the mark-price stream on athena: whoever holds the lease listens and writes the board. */
export async function composeMarketStream(base: ProcessBase): Promise<ProcessRole> {
  const { config, logger, clock, random, metrics } = base;
  const egress = requireEgress(base);
  const identity = watchIdentity(base, egress);
  const core = await openCore(base);
  const holder = holderOf(base);
  const presence = await showPresence(base, core, {
    holder,
    findReason: () => identity?.refusal('normal'),
  });
  const stream = whileHeld(() =>
    createMarkPriceStream(
      { board: core.prices, clock, random, logger, metrics },
      { url: venueHosts(config).marketStreamUrl, bindAddress: egress.bindAddress },
    ),
  );
  const lease = holdLease(
    { leases: core.store.leases, signals: core.signals, clock, logger },
    {
      name: LEASE,
      holder,
      ttlMs: LEASE_TTL_MS,
      ...whileProved(identity),
      ...stream,
    },
  );
  return streamRole(identity, [lease, presence, core]);
}
