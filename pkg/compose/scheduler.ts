import { MODES, readMode, type Mode } from '#pkg/modes';
import { createScheduler, SCHEDULER_LEASE } from '#pkg/schedule';
import { TIMETABLE } from '#pkg/trade';
import { openCore } from './core.ts';
import { disposeAll, holderOf, showPresence } from './presence.ts';
import type { ProcessBase, ProcessRole } from './process.ts';

/** Composes the scheduler on athena. */
export async function composeScheduler(base: ProcessBase): Promise<ProcessRole> {
  const { logger, clock, metrics } = base;
  const core = await openCore(base);
  const holder = holderOf(base);
  const presence = await showPresence(base, core, { holder });
  const scheduler = createScheduler({
    store: core.store,
    signals: core.signals,
    submit: core.submit,
    clock,
    logger,
    holder,
    entries: TIMETABLE,
    gate: async (entry) => {
      const { name } = await readMode(core.store.settings, clock.nowMs());
      const mode: Mode = MODES[name];
      return entry.heldIn.includes(name) ? mode.reason : undefined;
    },
    onAnswered: ({ name }, outcome) =>
      metrics.increment('kraite_timetable_runs_total', { entry: name, outcome }),
  });
  metrics.onScrape(() => {
    metrics.set('kraite_lease_held', { lease: SCHEDULER_LEASE }, scheduler.isLeader() ? 1 : 0);
  });
  return {
    readiness: () => ({}),
    [Symbol.asyncDispose]: () => disposeAll([scheduler, presence, core]),
  };
}
