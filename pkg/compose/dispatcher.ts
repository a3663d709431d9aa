import type { LaneBacklog } from '#pkg/observability';
import { listHolds, type Hold } from '#pkg/holds';
import { holdOf, readMode } from '#pkg/modes';
import { createBullmqQueues } from '#pkg/queues';
import { createDispatcher, DISPATCHER_LEASE } from '#pkg/steps';
import type { Store } from '#pkg/store';
import { openCore, REDIS_NAMESPACE } from './core.ts';
import { showCore } from './core-metrics.ts';
import { caretakerMetrics, showBacklog } from './engine-metrics.ts';
import { showFleet } from './fleet-metrics.ts';
import { disposeAll, holderOf, showPresence } from './presence.ts';
import type { ProcessBase, ProcessRole } from './process.ts';
import { showPositions } from './trade-metrics.ts';

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
    metrics: caretakerMetrics(metrics),
    gate: async () => {
      const holds = await readHolds(core.store, clock.nowMs());
      return isDraining ? [drainHold(base.config.box), ...holds] : holds;
    },
  });
  metrics.onScrape(() => {
    metrics.set('kraite_lease_held', { lease: DISPATCHER_LEASE }, dispatcher.isLeader() ? 1 : 0);
  });
  const nowMs = (): number => clock.nowMs();
  showBacklog(metrics, { steps: core.store.steps, nowMs });
  showFleet(metrics, { store: core.store, nowMs });
  showCore(metrics, core);
  showPositions(metrics, core.store.positions);
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

/** What holds admission: the mode of the fleet, and what people and guards hold. */
async function readHolds(store: Store, nowMs: number): Promise<readonly Hold[]> {
  const [mode, holds] = await Promise.all([
    readMode(store.settings, nowMs),
    listHolds(store.settings, nowMs),
  ]);
  const reason = holdOf(mode.name, 'admits');
  if (reason === undefined) return holds;
  const { by: owner, why, sinceMs } = mode;
  const ofMode: Hold = {
    scope: { kind: 'fleet' },
    source: 'mode',
    owner,
    reason,
    why,
    sinceMs,
    ...(mode.name === 'freeze' ? { isAbsolute: true } : {}),
  };
  return [ofMode, ...holds];
}

/** A dispatcher that drains admits nothing but what protects. */
function drainHold(box: string): Hold {
  return {
    scope: { kind: 'fleet' },
    source: 'drain',
    owner: box,
    reason: 'BoxDraining',
    why: 'the box drains',
    sinceMs: 0,
  };
}
