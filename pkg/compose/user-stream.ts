import { join } from 'node:path';

import type { AccountId } from '#pkg/domain';
import { decodeUserFrame, type Exchange } from '#pkg/exchange';
import { storeUserFrame, syncOrders } from '#pkg/lifecycles';
import { holdLease, whileHeld } from '#pkg/schedule/leases';
import { createUserStreams, type UserStreams } from '#pkg/streams';
import { openCore, requireEgress, watchIdentity, type Core } from './core.ts';
import { holderOf, showPresence } from './presence.ts';
import type { ProcessBase, ProcessRole } from './process.ts';
import { streamRole, whileProved } from './stream-role.ts';
import { openVenue, venueHosts } from './venue.ts';

const LEASE = 'user-stream';
const LEASE_TTL_MS = 6_000;
const DISCOVER_MS = 5_000;

/** Composes the user-data streams on athena: whoever holds the lease listens for every account. */
export async function composeUserStream(base: ProcessBase): Promise<ProcessRole> {
  const { logger, clock } = base;
  const egress = requireEgress(base);
  const identity = watchIdentity(base, egress);
  const core = await openCore(base);
  const exchange = await openVenue(base, core, { egress, identity });
  const holder = holderOf(base);
  const presence = await showPresence(base, core, {
    holder,
    findReason: () => identity?.refusal('normal'),
  });
  const { bindAddress } = egress;
  const streams = whileHeld(() => startStreams(base, core, { exchange, bindAddress }));
  const lease = holdLease(
    { leases: core.store.leases, signals: core.signals, clock, logger },
    {
      name: LEASE,
      holder,
      ttlMs: LEASE_TTL_MS,
      ...whileProved(identity),
      ...streams,
    },
  );
  return streamRole(identity, [lease, exchange, presence, core]);
}

function startStreams(
  base: ProcessBase,
  core: Core,
  options: {
    readonly exchange: Exchange;
    readonly bindAddress: string | undefined;
  },
): UserStreams {
  const { config, clock, random, logger, metrics, newId } = base;
  const { store, submit } = core;
  return createUserStreams(
    {
      clock,
      random,
      logger,
      metrics,
      exchange: options.exchange,
      accounts: async () => (await store.accounts.list()).map((account) => account.id),
      onFrame: async (accountId: AccountId, payload: string) => {
        const dependencies = { store, submit, clock, makeId: newId, decodeUserFrame };
        await storeUserFrame(dependencies, { accountId, payload });
      },
      onGap: async (accountId: AccountId) => {
        await submit(syncOrders, undefined, { dedupeKey: `gap:${accountId}`, accountId });
      },
    },
    {
      url: venueHosts(config).privateStreamUrl,
      bindAddress: options.bindAddress,
      deadLetterPath: join(config.scratchFolder, 'user-stream.dead-letters.jsonl'),
      discoverEveryMs: DISCOVER_MS,
    },
  );
}
