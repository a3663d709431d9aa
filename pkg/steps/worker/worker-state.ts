import type { CancelTimer } from '#pkg/base';
import type { StepId } from '#pkg/domain';
import type { LaneQueue } from '#pkg/queues';
import type { StepRow, WorkerBeat } from '#pkg/store';
import { createPreciseTime } from '../precise-time.ts';
import { handlerKey } from '../queued-step.ts';
import { createCommitter } from './committer.ts';
import { createDrainWatch } from './drain-watch.ts';
import { createHeartbeat } from './heartbeat.ts';
import { createLaneConsumers, type Hold, type LaneGate, type LaneSlots } from './lanes.ts';
import { watchLoop } from './loop-watch.ts';
import { abortRun, type Run } from './run-step.ts';
import type { StepWorkerDependencies, WorkerFacts, WorkerOrders } from './step-worker.ts';
import { createTakings } from './takings.ts';
import { watchUrgent } from './urgent-watch.ts';

const AUDIT_DELAY_MS = 500;

export type WorkerState = ReturnType<typeof createWorkerState>;

/** Returns what one worker knows of itself; `take` runs a job's step, `audit` frees rows that it holds and does not run. */
export function createWorkerState(
  dependencies: StepWorkerDependencies,
  initial: WorkerOrders,
  acts: {
    readonly take: (queue: LaneQueue, stepId: StepId) => Promise<void>;
    readonly audit: () => Promise<void>;
  },
) {
  const { store, queues, signals, clock, logger, box, gate } = dependencies;
  const runs = new Map<StepId, Run>();
  const takings = createTakings(() => drainWatch.look());
  const running = (): readonly StepRow[] => [...runs.values()].map(({ step }) => step);
  const loopWatch = watchLoop({ clock, logger, running });
  let cancelAudit: CancelTimer | undefined;
  const scheduleAudit = (): void => {
    cancelAudit ??= clock.schedule(AUDIT_DELAY_MS, () => {
      cancelAudit = undefined;
      void acts.audit();
    });
  };
  const heartbeat = createHeartbeat({
    workers: store.workers,
    clock,
    logger,
    describe: () => describeBeat(state, dependencies),
    isBusy: () => takings.count() > 0,
    onLapse: () => giveUp([...runs.values()], dependencies),
    onBack: scheduleAudit,
  });
  const lanes = createLaneConsumers({ queues, box, gate, take: acts.take });
  const drainWatch = createDrainWatch({
    clock,
    logger,
    isDraining: () => isDraining(state),
    countHeld: () => takings.count(),
    countOwnReady: () => countOwnReady(state, dependencies),
  });
  const state = {
    gate,
    runs,
    takings,
    drainWatch,
    loopWatch,
    urgent: watchUrgent({ signals, clock, logger }),
    heartbeat,
    lanes,
    scheduleAudit,
    orders: initial,
    isStarted: false,
    isDrainAsked: false,
    isFinishing: false,
    isStopping: false,
    gateReason: undefined as ReturnType<LaneGate>,
    handlers: new Map(
      dependencies.handlers.map((handler) => [handlerKey(handler.definition), handler]),
    ),
    known: new Set(dependencies.handlers.map((handler) => handlerKey(handler.definition))),
    preciseNowMs: createPreciseTime(clock),
    committer: createCommitter({ steps: store.steps, clock, logger, onDoubt: scheduleAudit }),
    refreshGates: (): void => {
      const before = state.gateReason;
      state.gateReason = lanes.applyGates(holdOf(state));
      if (before !== state.gateReason && !state.isStopping) heartbeat.beatNow();
    },
  };
  return state;
}

function giveUp(runs: readonly Run[], { metrics }: StepWorkerDependencies): void {
  for (const run of runs) {
    abortRun(run, 'leaseLost');
    metrics?.lapsed(run.step);
  }
}

function isDraining(state: Pick<WorkerState, 'orders' | 'isDrainAsked'>): boolean {
  return state.isDrainAsked || state.orders.isDraining;
}

function holdOf(state: WorkerState): Hold {
  if (state.isStopping || state.isFinishing || !state.heartbeat.isFresh()) return 'everything';
  return isDraining(state) ? 'shared' : 'nothing';
}

/** Returns how many ready steps wait for this very box; 0 where this worker does not serve its lane. */
async function countOwnReady(
  { orders }: WorkerState,
  { store, box }: StepWorkerDependencies,
): Promise<number> {
  if (!orders.lanes.some(({ lane, slots }) => lane === 'own' && slots > 0)) return 0;
  const counts = await store.steps.countByLane();
  return counts
    .filter((each) => each.lane === 'own' && each.box === box && each.state === 'ready')
    .reduce((sum, each) => sum + each.count, 0);
}

/** Returns what the worker tells of itself; a lane stands there with its slots even before it took anything. */
export function describeWorker(state: WorkerState): WorkerFacts {
  const busy = new Map(state.lanes.describe().map((lane) => [lane.lane, lane.busy]));
  return {
    generation: state.orders.generation,
    isDraining: isDraining(state),
    isDrained: state.drainWatch.isDrained(),
    lanes: state.orders.lanes.map(({ lane, slots }) => ({
      lane,
      slots,
      busy: busy.get(lane) ?? 0,
      reason: state.gate(lane),
    })),
  };
}

function describeBeat(state: WorkerState, dependencies: StepWorkerDependencies): WorkerBeat {
  const { workerId, box, process } = dependencies;
  return {
    workerId,
    box,
    process: process.name,
    pid: process.pid,
    version: process.version,
    lanes: state.isStarted ? state.lanes.describe() : state.orders.lanes.map(withoutBusy),
    generation: state.orders.generation,
    ...beatState(state),
  };
}

function withoutBusy(slots: LaneSlots): { lane: string; slots: number; busy: number } {
  return { ...slots, busy: 0 };
}

function beatState(state: WorkerState): Pick<WorkerBeat, 'state' | 'reason'> {
  if (state.isStopping || isDraining(state)) {
    return { state: 'draining', reason: 'BoxDraining' };
  }
  if (!state.isStarted) return { state: 'starting', reason: 'ProcessStarting' };
  if (state.gateReason !== undefined) return { state: 'gated', reason: state.gateReason };
  return { state: 'ready', reason: undefined };
}
