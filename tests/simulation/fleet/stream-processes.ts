import type { AccountId } from '#pkg/domain';
import { decodeUserFrame, type Exchange } from '#pkg/exchange';
import { storeUserFrame, syncAccount, watchPositions } from '#pkg/lifecycles';
import { holdLease, whileHeld } from '#pkg/schedule/leases';
import { fillOptionsOf, fillSlots, lookAtSlots } from '#pkg/selection';
import { USER_STREAM_LEASE } from '#pkg/store';
import {
  CONNECTS_MAX,
  createConnectDoor,
  createMarkPriceStream,
  createMemoryConnectAllowance,
  createUserStreams,
  type OpenSocket,
} from '#pkg/streams';

import { watchWorkflowEnds } from '../../../pkg/compose/workflow-ends.ts';
import type { ProcessParts } from './processes.ts';

const LEASE_TTL_MS = 6_000;
const DISCOVER_MS = 5_000;

/** The user streams as `pkg/compose/user-stream.ts` composes them. */
export function startUserStreams(parts: ProcessParts, exchange: Exchange): void {
  const { store, submit, clock, makeId, signals, logger, world } = parts;
  const streams = whileHeld(() => {
    const epoch = lease.epoch() ?? 0;
    const ends = watchWorkflowEnds({ steps: store.steps, signals, clock, logger });
    return createUserStreams(
      {
        ...openDoor(parts, CONNECTS_MAX.accounts),
        ...parts,
        exchange,
        deadLetters: world.letters,
        accounts: async () => (await store.accounts.list()).map((account) => account.id),
        onFrame: async (accountId: AccountId, payload: string) => {
          const dependencies = { store, submit, clock, makeId, decodeUserFrame };
          const fate = await storeUserFrame(dependencies, { accountId, payload });
          return fate === 'unreadable' ? 'unreadable' : 'stored';
        },
        onGap: async (accountId, gapId, signal) => {
          const onceKey = `gap:${accountId}:${epoch}:${gapId}`;
          const { workflowId } = await submit(
            syncAccount,
            { accountId },
            { onceKey, isUrgent: true, accountId },
          );
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
          if (state.isComplete) await submit(fillSlots, { accountId }, fillOptionsOf(accountId));
        },
      },
      {
        url: 'wss://venue/private',
        bindAddress: undefined,
        deadLetterPath: '',
        discoverEveryMs: DISCOVER_MS,
      },
    );
  });
  const lease = holdLease(
    { leases: store.leases, signals, clock, logger },
    { name: USER_STREAM_LEASE, holder: parts.holder, ttlMs: LEASE_TTL_MS, ...streams },
  );
}

/** The stream of marks as `pkg/compose/market-stream.ts` composes it. */
export function startMarketStream(parts: ProcessParts): void {
  const { store, submit, clock, signals, logger, holder, world } = parts;
  const stream = whileHeld(() => {
    const watch = watchPositions({ store, submit, clock, logger });
    return createMarkPriceStream(
      {
        ...openDoor(parts, CONNECTS_MAX.prices),
        ...parts,
        board: world.board,
        saveTicks: (ticks) => store.prices.save(ticks),
        onTicks: (ticks) => watch.take(ticks),
        onReturned: () => {
          lookAtSlots(store.accounts, submit).catch((error: unknown) => {
            logger.warn({ err: error }, 'the slots wait for the timetable');
          });
        },
      },
      { url: 'wss://venue/market', bindAddress: undefined },
    );
  });
  holdLease(
    { leases: store.leases, signals, clock, logger },
    { name: 'market-stream', holder, ttlMs: LEASE_TTL_MS, ...stream },
  );
}

/** Sockets of a process that ends, end with it, and nothing more comes to it. */
function openDoor({ world, life, clock, random }: ProcessParts, connectsMax: number) {
  const openSocket: OpenSocket = (options) =>
    world.venue.sockets.open({
      ...options,
      onFrame: (text) => life.enter(() => options.onFrame(text)),
    });
  const allowance = createMemoryConnectAllowance({ clock }, { connectsMax });
  return { door: createConnectDoor({ clock, random, allowance }), openSocket };
}
