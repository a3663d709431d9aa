import { toError } from '#pkg/base';
import { watchPositions } from '#pkg/lifecycles';
import { holdLease, whileHeld } from '#pkg/schedule/leases';
import { lookAtSlots } from '#pkg/selection';
import { CONNECTS_MAX, createMarkPriceStream, type MarkPriceStream } from '#pkg/streams';
import { openCore, requireEgress, watchIdentity, type Core } from './core.ts';
import { disposeAll, holderOf, showPresence } from './presence.ts';
import type { ProcessBase, ProcessRole } from './process.ts';
import { raisePriority } from './raise-priority.ts';
import { openDoor, streamRole, whileProved } from './stream-role.ts';
import { venueHosts } from './venue.ts';

const LEASE = 'market-stream';
const LEASE_TTL_MS = 6_000;

/** Composes the mark-price stream on athena: whoever holds the lease listens, writes the board and watches positions. */
export async function composeMarketStream(base: ProcessBase): Promise<ProcessRole> {
  const { logger, clock } = base;
  raisePriority(logger);
  const egress = requireEgress(base);
  const identity = watchIdentity(base, egress);
  const core = await openCore(base);
  const holder = holderOf(base);
  let running: MarkPriceStream | undefined;
  const findReason = () => identity?.refusal('normal') ?? running?.refusal();
  const presence = await showPresence(base, core, { holder, findReason });
  const door = openDoor(base, core, { egress, connectsMax: CONNECTS_MAX.prices });
  const stream = whileHeld(() => {
    const watch = watchHeldPositions(base, core);
    const marks = createMarkPriceStream(
      {
        ...base,
        ...door,
        board: core.prices,
        saveTicks: (ticks) => core.store.prices.save(ticks),
        onTicks: (ticks) => watch.take(ticks),
        onReturned: () => void lookAgain(base, core),
      },
      { url: venueHosts(base.config).marketStreamUrl, bindAddress: egress.bindAddress },
    );
    running = marks;
    return {
      [Symbol.asyncDispose]: async () => {
        running = undefined;
        watch[Symbol.dispose]();
        await disposeAll([marks]);
      },
    };
  });
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
  return streamRole(identity, [lease, presence, core], () => running?.refusal());
}

/** A look without marks refuses every symbol, so the first marks ask for another; the timetable looks anyhow in minutes. */
async function lookAgain({ logger }: ProcessBase, { store, submit }: Core): Promise<void> {
  try {
    await lookAtSlots(store.accounts, submit);
  } catch (error) {
    logger.warn({ err: toError(error) }, 'marks are back, and the slots wait for the timetable');
  }
}

function watchHeldPositions({ clock, logger, metrics }: ProcessBase, { store, submit }: Core) {
  return watchPositions({
    store,
    submit,
    clock,
    logger,
    onChecked: () => metrics.increment('kraite_position_checks_total', {}),
  });
}
