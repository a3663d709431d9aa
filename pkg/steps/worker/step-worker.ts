import { toError, type CancelTimer, type Clock, type IdMaker, type Random } from '#pkg/base';
import type { BoxName, StepId, WorkflowId } from '#pkg/domain';
import type { Logger } from '#pkg/observability';
import type { LaneQueue, Queues, Signals } from '#pkg/queues';
import { StoreUnavailableError, type StepRow, type Store, type WorkflowTree } from '#pkg/store';
import type { StepHandler } from '../definition.ts';
import { createPreciseTime } from '../precise-time.ts';
import { handlerKey, isSameQueue, toQueuedStep } from '../queued-step.ts';
import { createStepSubmitter } from '../submit.ts';
import { recover, type TreeEffect } from '../tree/index.ts';
import { createCommitter } from './committer.ts';
import { createHeartbeat } from './heartbeat.ts';
import { createLaneConsumers, type LaneGate, type LaneSlots } from './lanes.ts';
import { abortRun, runStep, type Run } from './run-step.ts';
import { findSeat } from './seat.ts';

/** What the worker tells of its work; names of metrics are the composer's. */
export interface WorkerMetrics {
  /** A run began; `hopMs` is absent after a delay or a crash. */
  started(step: StepRow, hopMs: number | undefined): void;
  ended(step: StepRow, outcome: string, durationMs: number): void;
}

export interface StepWorkerDependencies {
  readonly store: Pick<Store, 'steps' | 'workers'>;
  readonly queues: Queues;
  readonly signals: Signals;
  readonly handlers: readonly StepHandler[];
  readonly clock: Clock;
  readonly random: Random;
  readonly makeId: IdMaker;
  readonly logger: Logger;
  readonly box: BoxName;
  /** Unique among all processes that ever ran: box, process and a fresh id. */
  readonly workerId: string;
  readonly process: { readonly name: string; readonly pid: number; readonly version: string };
  /** Why a lane takes nothing now; protective lanes answer undefined always. */
  readonly gate: LaneGate;
  readonly metrics?: WorkerMetrics;
}

/** What a running worker may be told (workload.json). */
export interface WorkerOrders {
  readonly generation: number;
  readonly lanes: readonly LaneSlots[];
  readonly isDraining: boolean;
}

export interface StepWorker extends AsyncDisposable {
  /** Writes the first heartbeat and begins to take jobs. */
  start(): Promise<void>;
  /** Acts by new orders; the next heartbeat acknowledges their generation. */
  apply(orders: WorkerOrders): void;
  /** Takes nothing more; resolves when nothing runs. */
  drain(): Promise<void>;
  /** Steps that run now. */
  running(): readonly StepRow[];
}

const GATE_CHECK_MS = 200;
const AUDIT_DELAY_MS = 500;
const AUDIT_LIMIT = 500;
/** Longest wait for handlers that were told to stop. */
const STOP_WAIT_MS = 3_000;

/** Returns a worker that takes steps from its lanes and runs their handlers; dispose hands back what runs. */
export function createStepWorker(
  dependencies: StepWorkerDependencies,
  initial: WorkerOrders,
): StepWorker {
  const { clock } = dependencies;
  const state = createWorkerState(dependencies, initial);
  let cancelGateCheck: CancelTimer = () => undefined;

  const checkGates = (): void => {
    state.refreshGates();
    cancelGateCheck = clock.schedule(GATE_CHECK_MS, checkGates);
  };
  const whenIdle = async (limitMs: number): Promise<void> => {
    const untilMs = clock.monotonicMs() + limitMs;
    while (state.runs.size > 0 && clock.monotonicMs() < untilMs) await clock.sleep(10);
  };
  return {
    start: async () => {
      await state.heartbeat.start();
      state.isStarted = true;
      state.lanes.setSlots(state.orders.lanes);
      checkGates();
    },
    apply: (orders) => {
      state.orders = orders;
      if (!state.isStarted) return;
      state.lanes.setSlots(orders.lanes);
      state.refreshGates();
      state.heartbeat.beatNow();
    },
    drain: async () => {
      state.orders = { ...state.orders, isDraining: true };
      state.refreshGates();
      state.heartbeat.beatNow();
      await whenIdle(Number.POSITIVE_INFINITY);
    },
    running: () => [...state.runs.values()].map((run) => run.step),
    [Symbol.asyncDispose]: async () => {
      state.isStopping = true;
      cancelGateCheck();
      state.refreshGates();
      for (const run of state.runs.values()) abortRun(run, 'shutdown');
      await whenIdle(STOP_WAIT_MS);
      await state.lanes[Symbol.asyncDispose]();
      await state.heartbeat[Symbol.asyncDispose]();
    },
  };
}

/** A slot at work, from the claim to the last commit. */
interface Taking {
  readonly stepId: StepId;
  workflowId: WorkflowId | undefined;
}

type WorkerState = ReturnType<typeof createWorkerState>;

function createWorkerState(dependencies: StepWorkerDependencies, initial: WorkerOrders) {
  const { store, queues, clock, logger, box, workerId, gate } = dependencies;
  const runs = new Map<StepId, Run>();
  const takings = new Set<Taking>();
  let cancelAudit: CancelTimer | undefined;
  const scheduleAudit = (): void => {
    cancelAudit ??= clock.schedule(AUDIT_DELAY_MS, () => {
      cancelAudit = undefined;
      void auditOwnRows(state, dependencies);
    });
  };
  const heartbeat = createHeartbeat({
    workers: store.workers,
    clock,
    logger,
    describe: () => ({
      workerId,
      box,
      process: dependencies.process.name,
      pid: dependencies.process.pid,
      version: dependencies.process.version,
      lanes: state.isStarted ? lanes.describe() : state.orders.lanes.map(withoutBusy),
      generation: state.orders.generation,
      ...beatState(state),
    }),
    onLapse: () => {
      for (const run of runs.values()) abortRun(run, 'leaseLost');
    },
    onBack: scheduleAudit,
  });
  const lanes = createLaneConsumers({
    queues,
    box,
    gate,
    take: (queue, stepId) => takeStep(state, dependencies, queue, stepId),
  });
  const state = {
    runs,
    takings,
    heartbeat,
    lanes,
    scheduleAudit,
    orders: initial,
    isStarted: false,
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
      const isHeld = state.isStopping || state.orders.isDraining || !heartbeat.isFresh();
      state.gateReason = lanes.applyGates(isHeld);
      if (before !== state.gateReason && !state.isStopping) heartbeat.beatNow();
    },
  };
  return state;
}

function withoutBusy(slots: LaneSlots): { lane: string; slots: number; busy: number } {
  return { ...slots, busy: 0 };
}

function beatState(state: {
  readonly orders: WorkerOrders;
  readonly isStarted: boolean;
  readonly isStopping: boolean;
  readonly gateReason: ReturnType<LaneGate>;
}) {
  if (state.isStopping || state.orders.isDraining) {
    return { state: 'draining', reason: 'BoxDraining' } as const;
  }
  if (!state.isStarted) return { state: 'starting', reason: 'ProcessStarting' } as const;
  if (state.gateReason !== undefined) return { state: 'gated', reason: state.gateReason } as const;
  return { state: 'ready', reason: undefined } as const;
}

/** A step that this worker claimed, and the queue whose slot it holds. */
interface Held {
  readonly step: StepRow;
  readonly tree: WorkflowTree;
  readonly queue: LaneQueue;
  /** Steps of this workflow that ran here one after another, this one included. */
  readonly count: number;
}

async function takeStep(
  state: WorkerState,
  dependencies: StepWorkerDependencies,
  queue: LaneQueue,
  stepId: StepId,
): Promise<void> {
  if (state.isStopping || !state.heartbeat.isFresh()) return;
  const { store, workerId } = dependencies;
  const episode = state.heartbeat.episode();
  const taking: Taking = { stepId, workflowId: undefined };
  let moved: Held | undefined;
  state.takings.add(taking);
  state.lanes.count(queue, 1);
  try {
    const claim = await store.steps.claim(stepId, {
      workerId,
      startedAtMs: state.preciseNowMs(),
      known: state.known,
    });
    if (claim.kind !== 'claimed') return;
    taking.workflowId = claim.step.workflowId;
    moved = await runInLane(state, dependencies, { ...claim, queue, count: 1 }, episode);
  } catch (error) {
    if (error instanceof StoreUnavailableError) state.scheduleAudit();
    throw error;
  } finally {
    state.lanes.count(queue, -1);
    if (moved === undefined) state.takings.delete(taking);
  }
  // The job is done and its slot free; the workflow goes on in a slot of another lane.
  if (moved !== undefined) void carryOn(state, dependencies, { held: moved, episode, taking });
}

async function carryOn(
  state: WorkerState,
  dependencies: StepWorkerDependencies,
  chain: { readonly held: Held; readonly episode: number; readonly taking: Taking },
): Promise<void> {
  let held: Held | undefined = chain.held;
  while (held !== undefined) {
    const { queue } = held;
    try {
      held = await runInLane(state, dependencies, held, chain.episode);
    } catch (error) {
      if (error instanceof StoreUnavailableError) state.scheduleAudit();
      dependencies.logger.warn({ err: toError(error) }, 'workflow left; its rows decide');
      held = undefined;
    } finally {
      state.lanes.giveBack(queue);
    }
  }
  state.takings.delete(chain.taking);
}

/** Runs a step and its successors for as long as they stand in one lane; returns the first that does not. */
async function runInLane(
  state: WorkerState,
  dependencies: StepWorkerDependencies,
  first: Held,
  episode: number,
): Promise<Held | undefined> {
  let held: Held | undefined = first;
  while (held !== undefined && isSameQueue(held.queue, first.queue)) {
    held = await runOne(state, dependencies, held, episode);
  }
  return held;
}

async function runOne(
  state: WorkerState,
  dependencies: StepWorkerDependencies,
  held: Held,
  episode: number,
): Promise<Held | undefined> {
  const { step, tree, queue, count } = held;
  const { store, queues, signals, clock, random, makeId, logger, metrics, workerId } = dependencies;
  const handler = state.handlers.get(handlerKey(step));
  if (handler === undefined) return undefined;
  const abort = new AbortController();
  const { heartbeat } = state;
  const holdsLease = (): boolean => heartbeat.isFresh() && heartbeat.episode() === episode;
  const run: Run = {
    step,
    tree,
    handler,
    abort,
    isOwned: () => !abort.signal.aborted && holdsLease(),
    submit: createStepSubmitter(
      { steps: store.steps, signals, clock, makeId, logger },
      { stepId: step.id, deferrals: step.deferrals, workflow: tree.workflow },
    ),
  };
  state.runs.set(step.id, run);
  try {
    if (state.isStopping) abortRun(run, 'shutdown');
    if (!holdsLease()) abortRun(run, 'leaseLost');
    const startedAtMs = state.preciseNowMs();
    const { predecessorEndedAtMs } = step;
    metrics?.started(
      step,
      predecessorEndedAtMs === undefined ? undefined : startedAtMs - predecessorEndedAtMs,
    );
    const end = await runStep(run, { clock, random, makeId, logger });
    const endedAtMs = state.preciseNowMs();
    metrics?.ended(step, end.kind, endedAtMs - startedAtMs);
    if (end.kind === 'dropped') return undefined;
    const seat = findSeat(state, { queue, count });
    const commit = await state.committer.commit(
      step,
      end,
      { startedAtMs, endedAtMs },
      { claim: { workerId, accepts: seat.accepts }, isOwned: holdsLease },
    );
    const effect = commit.kind === 'committed' ? commit.effect : undefined;
    const next = seat.settle(effect?.claimed);
    if (effect !== undefined) await announce(queues, signals, effect, logger);
    if (effect?.claimed === undefined || next === undefined) return undefined;
    return { step: effect.claimed, tree: effect.tree, queue: next, count: count + 1 };
  } finally {
    state.runs.delete(step.id);
  }
}

async function announce(
  queues: Queues,
  signals: Signals,
  effect: TreeEffect,
  logger: Logger,
): Promise<void> {
  try {
    if (effect.ready.length > 0) await queues.enqueue(effect.ready.map(toQueuedStep));
    if (effect.wakeAtMs !== undefined) await signals.publish('wake', String(effect.wakeAtMs));
    if (effect.endedAs !== undefined) await signals.publish('ended', effect.tree.workflow.id);
  } catch (error) {
    logger.warn({ err: toError(error) }, 'committed but not enqueued; the sweep will find it');
  }
}

/** Frees rows that this worker holds and does not run: their claim or commit succeeded, but the reply was lost. */
async function auditOwnRows(
  state: WorkerState,
  dependencies: StepWorkerDependencies,
): Promise<void> {
  const { store, queues, signals, clock, logger, workerId } = dependencies;
  if (state.isStopping) return;
  const isHandled = (row: StepRow): boolean =>
    [...state.takings].some(
      (taking) => taking.stepId === row.id || taking.workflowId === row.workflowId,
    );
  try {
    const held = await store.steps.listSteps({ state: 'running', workerId, limit: AUDIT_LIMIT });
    for (const step of held) {
      const result = await store.steps.transact(step.workflowId, {}, (tree) =>
        isHandled(step) ? { change: {}, value: undefined } : recover(tree, step, clock.nowMs()),
      );
      if (result.kind !== 'committed') continue;
      if (result.value === undefined) state.scheduleAudit();
      else await announce(queues, signals, result.value, logger);
    }
  } catch (error) {
    logger.warn({ err: toError(error) }, 'own rows could not be audited yet');
    state.scheduleAudit();
  }
}
