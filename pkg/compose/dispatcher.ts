import type { Reason } from '#pkg/base';
import type { LaneBacklog } from '#pkg/observability';
import { findOpeningPause } from '#pkg/lifecycles';
import { holdOf, readMode } from '#pkg/modes';
import { createBullmqQueues } from '#pkg/queues';
import { createDispatcher, DISPATCHER_LEASE } from '#pkg/steps';
import type { Store } from '#pkg/store';
import { caretakerMetrics } from './caretaker-metrics.ts';
import { openCore, REDIS_NAMESPACE } from './core.ts';
import { disposeAll, holderOf, showPresence } from './presence.ts';
import type { ProcessBase, ProcessRole } from './process.ts';

/** Composes the dispatcher on athena. */
export async function composeDispatcher(base: ProcessBase): Promise<ProcessRole> {
  const { config, logger, clock, metrics } = base;
  const core = await openCore(base);
  const queues = createBullmqQueues({
    url: config.redisUrl,
    namespace: REDIS_NAMESPACE,
    name: config.processName,
    logger,
  });
  const holder = holderOf(base);
  const presence = await showPresence(base, core, { holder });
  let isDraining = false;
  const dispatcher = createDispatcher({
    store: core.store,
    queues,
    signals: core.signals,
    clock,
    logger,
    holder,
    metrics: caretakerMetrics(base),
    gate: async () => (isDraining ? 'BoxDraining' : readHold(core.store, clock.nowMs())),
  });
  metrics.onScrape(async () => {
    metrics.set('kraite_lease_held', { lease: DISPATCHER_LEASE }, dispatcher.isLeader() ? 1 : 0);
    metrics.clear('kraite_steps');
    for (const { lane, state, count } of await core.store.steps.countByLane()) {
      metrics.set('kraite_steps', { lane, state }, count);
    }
  });
  return {
    readiness: async () => (isDraining ? { backlog: await readBacklog(core.store) } : {}),
    drain: async () => {
      isDraining = true;
    },
    [Symbol.asyncDispose]: () => disposeAll([dispatcher, queues, presence, core]),
  };
}

/** Returns what is left in the whole fleet, by lane. */
async function readBacklog(store: Store): Promise<readonly LaneBacklog[]> {
  const counts = await store.steps.countByLane();
  const byLane = Map.groupBy(counts, ({ lane, box }) =>
    box === undefined ? lane : `${lane}-${box}`,
  );
  return [...byLane.values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const count = (state: string): number =>
      members.filter((each) => each.state === state).reduce((sum, each) => sum + each.count, 0);
    const { lane, box } = first;
    const backlog = { lane, ready: count('ready'), running: count('running') };
    return backlog.ready + backlog.running === 0
      ? []
      : [{ ...backlog, ...(box === undefined ? {} : { box }) }];
  });
}

/** Holds the admission of what is not protective while a mode or a pause by hand says so. */
async function readHold(store: Store, nowMs: number): Promise<Reason | undefined> {
  const mode = await readMode(store.settings, nowMs);
  const hold = holdOf(mode.name, 'admits');
  if (hold !== undefined) return hold;
  const pause = await findOpeningPause(store.settings, nowMs);
  return pause === undefined ? undefined : 'FleetPaused';
}
