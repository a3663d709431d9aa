import { createEgressGate, type EgressIdentity } from '#pkg/egress';
import { id, type BoxName, type Lane } from '#pkg/domain';
import { watchFreeze } from '#pkg/modes';
import { createBullmqQueues } from '#pkg/queues';
import {
  createStandbyCaretaker,
  createStepWorker,
  type LaneGate,
  type StepWorker,
} from '#pkg/steps';
import { openCore, REDIS_NAMESPACE, requireEgress, watchIdentity } from './core.ts';
import { caretakerMetrics, showLanes, workerMetrics } from './engine-metrics.ts';
import { disposeAll, holderOf } from './presence.ts';
import type { ProcessBase, ProcessRole } from './process.ts';
import { composeHandlers } from './handlers.ts';
import { openVenue } from './venue.ts';
import { readOrders, watchOrders } from './workload-watch.ts';

/** Lanes whose work protects or closes: their gate only closes when the venue refuses the address. */
const PROTECTIVE_LANES: readonly Lane[] = ['priority', 'user-data-stream'];

/** Composes a worker: the lanes of its workload file (one in a pod, all of a box locally), from the box's own address. */
export async function composeWorker(base: ProcessBase): Promise<ProcessRole> {
  const { config, logger, clock, random, newId: makeId } = base;
  const { workloadFile } = config;
  if (workloadFile === undefined) throw new Error('KRAITE_WORKLOAD_FILE is not set');
  const egress = requireEgress(base);
  const identity = watchIdentity(base, egress);
  const core = await openCore(base);
  const { store, signals } = core;
  const exchange = await openVenue(base, core, { egress, identity });
  const trade = await composeHandlers(base, core, { exchange, egress });
  const queues = createBullmqQueues({
    url: config.redisUrl,
    namespace: REDIS_NAMESPACE,
    name: config.processName,
    logger,
  });
  const egressGate = createEgressGate({
    egress,
    identity,
    budget: core.budget,
    clock,
    logger,
    venueOffsetMs: () => exchange.clockOffsetMs(),
  });
  const freeze = await watchFreeze({ settings: store.settings, clock, logger });
  const gate: LaneGate = (lane) =>
    freeze.reason() ?? egressGate(PROTECTIVE_LANES.includes(lane) ? 'protective' : 'normal');
  const workerId = holderOf(base);
  const worker = createStepWorker(
    {
      store,
      queues,
      signals,
      handlers: trade.handlers,
      clock,
      random,
      makeId,
      logger,
      box: id<BoxName>(config.box),
      workerId,
      process: { name: config.processName, pid: process.pid, version: config.version },
      gate,
      metrics: workerMetrics(base.metrics),
    },
    readOrders(workloadFile),
  );
  showLanes(base.metrics, worker);
  await worker.start();
  const orders = watchOrders(clock, workloadFile, (next) => worker.apply(next));
  const caretaker = createStandbyCaretaker({
    store,
    queues,
    signals,
    clock,
    logger,
    holder: workerId,
    metrics: caretakerMetrics(base.metrics),
  });
  return role({ worker, gate, identity }, async () => {
    orders[Symbol.dispose]();
    identity?.[Symbol.dispose]();
    await disposeAll([caretaker, worker, freeze, queues, trade, exchange, core]);
  });
}

interface WorkerParts {
  readonly worker: StepWorker;
  readonly gate: LaneGate;
  readonly identity: EgressIdentity | undefined;
}

function role({ worker, gate, identity }: WorkerParts, dispose: () => Promise<void>): ProcessRole {
  return {
    readiness: () => {
      const { generation, isDraining, isDrained, lanes } = worker.facts();
      const refusal = isDraining ? 'BoxDraining' : gate('priority');
      // A proof that only protecting may rely on leaves it ready, and is seen.
      const reason = refusal ?? identity?.refusal('normal');
      return {
        isReady: refusal === undefined,
        isDraining,
        isDrained,
        reasons: reason === undefined ? [] : [reason],
        generation,
        lanes: lanes.map(({ lane, slots, busy, reason: laneReason }) => ({
          name: lane,
          slots,
          busy,
          ...(laneReason === undefined ? {} : { reason: laneReason }),
        })),
      };
    },
    drain: () => worker.drain(),
    finish: () => worker.finish(),
    [Symbol.asyncDispose]: dispose,
  };
}
