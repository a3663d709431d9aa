/**
 * What admitted workflows need besides workers: delayed steps wake, steps of dead workers are recovered, jobs
 * that a crash or a wiped Redis lost are enqueued again.
 *
 * Runs in the dispatcher, and in a worker while no dispatcher lives: same code, same lease.
 */
import type { Clock } from '#pkg/base';
import type { StepId } from '#pkg/domain';
import type { StepRow, WorkflowRow } from '#pkg/store';
import { toQueuedStep } from '../queued-step.ts';
import { recover, wake } from '../tree/index.ts';
import { WORKER_TTL_MS } from '../worker/heartbeat.ts';
import { changeTree, type TreeChangerDependencies } from './change-tree.ts';
import { listenTo } from '#pkg/queues';
import { startRounds } from './rounds.ts';

export interface CaretakerDependencies extends TreeChangerDependencies {
  readonly clock: Clock;
}

/** What the caretaker did; names of metrics are the composer's. */
export interface CaretakerMetrics {
  /** A dispatcher's only: workers do not admit. */
  admitted(workflow: WorkflowRow): void;
  recovered(step: StepRow): void;
  swept(count: number): void;
  woken(count: number): void;
}

const BATCH = 500;
/** Wake signals may be lost, so the table is read at least so often. */
const WAKE_SCAN_MS = 5_000;
const WAKE_TIMER_MS_MAX = 60_000;
const SWEEP_MS = 5_000;
/** A ready row this old should have been taken, or waits in a busy lane: enqueueing it again is harmless. */
const SWEEP_AGE_MS = 3_000;
const PRIMED_CHECK_MS = 1_500;
const RECOVERY_SCAN_MS = 1_500;
const RECOVERY_SCAN_MS_MIN = 100;
/** After a heartbeat's end, so that the database surely sees it. */
const EXPIRY_MARGIN_MS = 20;

/** Starts the three rounds; dispose ends them. */
export function startCaretaker(
  dependencies: CaretakerDependencies,
  metrics?: CaretakerMetrics,
): AsyncDisposable {
  const waking = startRounds(dependencies, 'wake', () => wakeDue(dependencies, metrics));
  const recovery = startRounds(dependencies, 'recovery', createRecovery(dependencies, metrics));
  const sweep = startRounds(dependencies, 'sweep', createSweep(dependencies, metrics));
  const deafen = listenTo(dependencies, 'wake', (payload) => {
    const delayMs = Number(payload) - dependencies.clock.nowMs();
    if (Number.isFinite(delayMs)) waking.kickIn(Math.max(0, delayMs));
  });
  return {
    [Symbol.asyncDispose]: async () => {
      deafen();
      await Promise.all([
        waking[Symbol.asyncDispose](),
        recovery[Symbol.asyncDispose](),
        sweep[Symbol.asyncDispose](),
      ]);
    },
  };
}

async function wakeDue(
  dependencies: CaretakerDependencies,
  metrics: CaretakerMetrics | undefined,
): Promise<number> {
  const { steps, clock } = dependencies;
  const delayed = await steps.listDelayed(BATCH);
  const nowMs = clock.nowMs();
  const due = delayed.filter((step) => (step.runAfterMs ?? 0) <= nowMs);
  for (const workflowId of new Set(due.map((step) => step.workflowId))) {
    const effect = await changeTree(dependencies, workflowId, (tree) => wake(tree, nowMs));
    metrics?.woken(effect?.ready.length ?? 0);
  }
  if (due.length === BATCH) return 0;
  const next = delayed.find((step) => !due.includes(step));
  if (next === undefined) return WAKE_SCAN_MS;
  const untilNextMs = (next.runAfterMs ?? 0) - clock.nowMs();
  return Math.max(0, Math.min(untilNextMs, WAKE_SCAN_MS, WAKE_TIMER_MS_MAX));
}

function createRecovery(
  dependencies: CaretakerDependencies,
  metrics: CaretakerMetrics | undefined,
): () => Promise<number> {
  const { steps, clock, logger } = dependencies;
  let graceUntilMs = Number.NEGATIVE_INFINITY;
  return async () => {
    let abandoned: Awaited<ReturnType<typeof steps.listAbandoned>>;
    try {
      abandoned = await steps.listAbandoned(BATCH);
    } catch (error) {
      // While the database was away nobody could beat: give the living time to show themselves.
      graceUntilMs = Number.POSITIVE_INFINITY;
      throw error;
    }
    if (graceUntilMs === Number.POSITIVE_INFINITY) {
      graceUntilMs = clock.monotonicMs() + WORKER_TTL_MS;
    }
    const graceMs = graceUntilMs - clock.monotonicMs();
    if (graceMs > 0) return graceMs;
    for (const step of abandoned.steps) {
      const effect = await changeTree(dependencies, step.workflowId, (tree) =>
        recover(tree, step, clock.nowMs()),
      );
      if (effect === undefined) continue;
      metrics?.recovered(step);
      logger.warn(
        { step: step.id, handler: step.name, worker: step.workerId, workflow: step.workflowId },
        'step of a dead worker recovered',
      );
    }
    if (abandoned.steps.length === BATCH) return 0;
    const expiryMs = (abandoned.nextExpiryInMs ?? RECOVERY_SCAN_MS) + EXPIRY_MARGIN_MS;
    return Math.min(RECOVERY_SCAN_MS, Math.max(RECOVERY_SCAN_MS_MIN, expiryMs));
  };
}

function createSweep(
  dependencies: CaretakerDependencies,
  metrics: CaretakerMetrics | undefined,
): () => Promise<number> {
  const { steps, queues, clock, logger } = dependencies;
  let cursor: StepId | undefined;
  let nextSweepMs = clock.monotonicMs();
  return async () => {
    if (!(await queues.isPrimed())) {
      logger.warn({}, 'queues are empty of their marker: every ready step is enqueued again');
      const count = await enqueueAllReady(dependencies);
      await queues.prime();
      metrics?.swept(count);
    }
    if (clock.monotonicMs() >= nextSweepMs) {
      const rows = await steps.listReady({
        readyBeforeMs: clock.nowMs() - SWEEP_AGE_MS,
        limit: BATCH,
        ...(cursor === undefined ? {} : { after: cursor }),
      });
      if (rows.length > 0) await queues.enqueue(rows.map(toQueuedStep));
      metrics?.swept(rows.length);
      cursor = rows.length === BATCH ? rows.at(-1)?.id : undefined;
      nextSweepMs = clock.monotonicMs() + SWEEP_MS;
    }
    return PRIMED_CHECK_MS;
  };
}

async function enqueueAllReady(dependencies: CaretakerDependencies): Promise<number> {
  const { steps, queues, clock } = dependencies;
  const readyBeforeMs = clock.nowMs() + 1;
  let after: StepId | undefined;
  for (let count = 0; ;) {
    const rows = await steps.listReady({
      readyBeforeMs,
      limit: BATCH,
      ...(after === undefined ? {} : { after }),
    });
    if (rows.length > 0) await queues.enqueue(rows.map(toQueuedStep));
    count += rows.length;
    if (rows.length < BATCH) return count;
    after = rows.at(-1)?.id;
  }
}
