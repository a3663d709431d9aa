import type { CancelTimer, Clock, IdMaker, Random, Reason } from '#pkg/base';
import type { BoxName, Lane } from '#pkg/domain';
import type { Logger } from '#pkg/observability';
import type { Queues, Signals } from '#pkg/queues';
import type { StepRow, Store, WorkflowRow } from '#pkg/store';
import type { StepHandler } from '../definition.ts';
import { auditOwnRows } from './audit.ts';
import type { LaneGate, LaneSlots } from './lanes.ts';
import { abortRun, type RunResult } from './run-step.ts';
import { takeStep } from './take-step.ts';
import { createWorkerState, describeWorker, type WorkerState } from './worker-state.ts';

/** What the worker tells of its work; names of metrics are the composer's. */
export interface WorkerMetrics {
  /** A run began; `hopMs` is absent after a delay or a crash. */
  started(step: StepRow, hopMs: number | undefined): void;
  ended(step: StepRow, end: RunResult, durationMs: number): void;
  /** This process lives, and gave a run up because its heartbeat had lapsed: another one may run the step now. */
  lapsed(step: StepRow): void;
  /** Told by the worker that wrote the last step. */
  workflowEnded(workflow: WorkflowRow): void;
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
  /**
   * Takes nothing more but ready steps of its own lane, for good: later orders do not take it back. Resolves when no step
   * is reserved or runs here, and no step of the own lane is ready.
   */
  drain(): Promise<void>;
  /** Takes nothing at all any more; resolves when nothing runs. */
  finish(): Promise<void>;
  facts(): WorkerFacts;
  /** Steps that run now. */
  running(): readonly StepRow[];
}

/** What a worker tells of itself. */
export interface WorkerFacts {
  /** Generation of the orders that it acts by. */
  readonly generation: number;
  /** By its orders or by {@link StepWorker.drain}; both mean the same. */
  readonly isDraining: boolean;
  readonly isDrained: boolean;
  readonly lanes: readonly {
    readonly lane: Lane;
    readonly slots: number;
    readonly busy: number;
    /** Why the lane takes nothing now. */
    readonly reason: Reason | undefined;
  }[];
}

const GATE_CHECK_MS = 200;
/** While nothing is held here. */
const IDLE_GATE_CHECK_MS = 500;
/** Longest wait for handlers that were told to stop. */
const STOP_WAIT_MS = 3_000;

/** Returns a worker that takes steps from its lanes and runs their handlers; dispose hands back what runs. */
export function createStepWorker(
  dependencies: StepWorkerDependencies,
  initial: WorkerOrders,
): StepWorker {
  const { clock } = dependencies;
  const state: WorkerState = createWorkerState(dependencies, initial, {
    take: (queue, stepId) => takeStep(state, dependencies, queue, stepId),
    audit: () => auditOwnRows(state, dependencies),
  });
  let cancelGateCheck: CancelTimer = () => undefined;
  const running = (): readonly StepRow[] => [...state.runs.values()].map((run) => run.step);

  const checkGates = (): void => {
    state.refreshGates();
    const isIdle = state.takings.count() === 0;
    cancelGateCheck = clock.schedule(isIdle ? IDLE_GATE_CHECK_MS : GATE_CHECK_MS, checkGates);
  };
  const retell = (): void => {
    state.refreshGates();
    state.heartbeat.beatNow();
    state.drainWatch.look();
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
      retell();
    },
    drain: () => {
      state.isDrainAsked = true;
      retell();
      return state.drainWatch.whenDrained();
    },
    finish: () => {
      state.isDrainAsked = true;
      state.isFinishing = true;
      retell();
      return state.drainWatch.whenIdle();
    },
    facts: () => describeWorker(state),
    running,
    [Symbol.asyncDispose]: async () => {
      state.isStopping = true;
      cancelGateCheck();
      state.loopWatch[Symbol.dispose]();
      state.urgent[Symbol.dispose]();
      state.refreshGates();
      for (const run of state.runs.values()) abortRun(run, 'shutdown');
      await Promise.race([state.drainWatch.whenIdle(), clock.sleep(STOP_WAIT_MS)]);
      state.drainWatch[Symbol.dispose]();
      await state.lanes[Symbol.asyncDispose]();
      await state.heartbeat[Symbol.asyncDispose]();
    },
  };
}
