import { join } from 'node:path';

import type { AccountId } from '#pkg/domain';
import { decodeUserFrame } from '#pkg/exchange';
import { storeUserFrame, syncAccount } from '#pkg/lifecycles';
import { holdLease, whileHeld } from '#pkg/schedule/leases';
import { fillOptionsOf, fillSlots } from '#pkg/selection';
import { USER_STREAM_LEASE } from '#pkg/store';
import {
  CONNECTS_MAX,
  createUserStreams,
  type UserStreams,
  type UserStreamsDependencies,
} from '#pkg/streams';
import { openCore, requireEgress, watchIdentity, type Core } from './core.ts';
import { holderOf, showPresence } from './presence.ts';
import type { ProcessBase, ProcessRole } from './process.ts';
import { openDoor, streamRole, whileProved } from './stream-role.ts';
import { openVenue, venueHosts } from './venue.ts';
import { watchWorkflowEnds, type WorkflowEnds } from './workflow-ends.ts';

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
  let running: UserStreams | undefined;
  const findTrouble = () => findIncompleteness(running);
  const presence = await showPresence(base, core, {
    holder,
    findReason: () => identity?.refusal('normal') ?? findTrouble(),
  });
  const { bindAddress } = egress;
  const door = openDoor(base, core, { egress, connectsMax: CONNECTS_MAX.accounts });
  const streams = whileHeld(() => {
    const ends = watchWorkflowEnds({
      steps: core.store.steps,
      signals: core.signals,
      clock,
      logger,
    });
    const epoch = lease.epoch() ?? 0;
    const started = createUserStreams(
      { ...base, ...door, exchange, ...bindToRows(base, core, { ends, epoch }) },
      {
        url: venueHosts(base.config).privateStreamUrl,
        bindAddress,
        deadLetterPath: join(base.config.scratchFolder, 'user-stream.dead-letters.jsonl'),
        discoverEveryMs: DISCOVER_MS,
      },
    );
    running = started;
    return {
      [Symbol.asyncDispose]: async () => {
        running = undefined;
        await started[Symbol.asyncDispose]();
        ends[Symbol.dispose]();
      },
    };
  });
  const lease = holdLease(
    { leases: core.store.leases, signals: core.signals, clock, logger },
    {
      name: USER_STREAM_LEASE,
      holder,
      ttlMs: LEASE_TTL_MS,
      ...whileProved(identity),
      ...streams,
    },
  );
  return streamRole(identity, [lease, exchange, presence, core], findTrouble);
}

/** Returns why some account's events are not complete just now. */
function findIncompleteness(streams: UserStreams | undefined) {
  for (const state of streams?.completeness().values() ?? []) {
    if (!state.isComplete) return state.reason;
  }
  return undefined;
}

type RowCalls = Pick<UserStreamsDependencies, 'accounts' | 'onFrame' | 'onGap' | 'onCompleteness'>;

/** Returns what the streams ask of the rows. */
function bindToRows(
  { clock, newId: makeId, metrics }: ProcessBase,
  { store, submit }: Core,
  { ends, epoch }: { readonly ends: WorkflowEnds; readonly epoch: number },
): RowCalls {
  return {
    accounts: async () => (await store.accounts.list()).map((account) => account.id),
    onFrame: async (accountId: AccountId, payload: string) => {
      const dependencies = { store, submit, clock, makeId, decodeUserFrame };
      const fate = await storeUserFrame(dependencies, { accountId, payload });
      if (fate !== 'unreadable') return 'stored';
      metrics.increment('kraite_stream_frames_unreadable_total', { stream: 'user' });
      return 'unreadable';
    },
    onGap: async (accountId, gapId, signal) => {
      const options = { onceKey: `gap:${accountId}:${epoch}:${gapId}`, isUrgent: true, accountId };
      const { workflowId } = await submit(syncAccount, { accountId }, options);
      const state = await ends.wait(workflowId, signal);
      if (state !== 'completed') throw new Error(`the account was not read: ${state}`);
    },
    onCompleteness: async (accountId, state, deadLetters) => {
      await store.accountStreams.save({
        accountId,
        epoch,
        reason: state.isComplete ? undefined : state.reason,
        sinceMs: state.sinceMs,
        deadLetters,
      });
      // A look while events were missing opened nothing.
      if (state.isComplete) await submit(fillSlots, { accountId }, fillOptionsOf(accountId));
    },
  };
}
