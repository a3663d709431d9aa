/** From a job to the last commit: claim, run, write the end, go on with what became ready. */
import { toError } from '#pkg/base';
import type { StepId } from '#pkg/domain';
import type { LaneQueue } from '#pkg/queues';
import { StoreUnavailableError, type StepRow, type WorkflowTree } from '#pkg/store';
import { handlerKey, isSameQueue } from '../queued-step.ts';
import { createStepSubmitter } from '../submit.ts';
import { announce } from './announce.ts';
import { offerAgain } from './offer-again.ts';
import { abortRun, runStep, type Run } from './run-step.ts';
import { findSeat } from './seat.ts';
import type { StepWorkerDependencies } from './step-worker.ts';
import type { Taking } from './takings.ts';
import type { WorkerState } from './worker-state.ts';

/** A step that this worker claimed, and the queue whose slot it holds. */
interface Held {
  readonly step: StepRow;
  readonly tree: WorkflowTree;
  readonly queue: LaneQueue;
  /** Steps of this workflow that ran here one after another, this one included. */
  readonly count: number;
}

/** Claims the step of a job and runs it, and its successors for as long as they may run here. */
export async function takeStep(
  state: WorkerState,
  dependencies: StepWorkerDependencies,
  queue: LaneQueue,
  stepId: StepId,
): Promise<void> {
  if (state.isStopping || !state.heartbeat.isFresh()) return;
  const { store, workerId } = dependencies;
  const taking: Taking = { stepId, workflowId: undefined };
  let moved: Held | undefined;
  let episode = state.heartbeat.episode();
  state.takings.hold(taking);
  state.lanes.count(queue, 1);
  try {
    if (!(await state.heartbeat.hurry())) return;
    episode = state.heartbeat.episode();
    const claim = await store.steps.claim(stepId, {
      workerId,
      startedAtMs: state.preciseNowMs(),
      known: state.known,
    });
    if (claim.kind === 'unknown-handler') offerAgain(state, dependencies, claim.step);
    if (claim.kind !== 'claimed') return;
    taking.workflowId = claim.step.workflowId;
    if (claim.step.isUrgent) state.urgent.taken(queue);
    moved = await runInLane(state, dependencies, { ...claim, queue, count: 1 }, episode);
  } catch (error) {
    if (error instanceof StoreUnavailableError) state.scheduleAudit();
    throw error;
  } finally {
    state.lanes.count(queue, -1);
    if (moved === undefined) state.takings.letGo(taking);
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
  state.takings.letGo(chain.taking);
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
      { steps: store.steps, signals, clock, makeId, logger, known: state.known },
      { stepId: step.id, deferrals: step.deferrals, workflow: tree.workflow },
    ),
    releaseKey: (dedupeKey) => store.steps.releaseKey(tree.workflow.id, dedupeKey),
  };
  state.runs.set(step.id, run);
  state.loopWatch.look();
  try {
    if (state.isStopping) abortRun(run, 'shutdown');
    if (!holdsLease()) abortRun(run, 'leaseLost');
    const startedAtMs = state.preciseNowMs();
    const { predecessorEndedAtMs } = step;
    metrics?.started(
      step,
      predecessorEndedAtMs === undefined ? undefined : startedAtMs - predecessorEndedAtMs,
    );
    const end = await runStep(run, {
      clock,
      random,
      makeId,
      logger,
      known: state.known,
    });
    const endedAtMs = state.preciseNowMs();
    metrics?.ended(step, end, endedAtMs - startedAtMs);
    if (end.kind === 'dropped') return undefined;
    const seat = findSeat(state, { queue, count });
    const commit = await state.committer.commit(
      step,
      end,
      { startedAtMs, endedAtMs },
      { claim: { workerId, accepts: seat.accepts }, isOwned: holdsLease },
    );
    const effect = commit.kind === 'committed' ? commit.effect : undefined;
    if (effect?.tree.workflow.finishedAtMs !== undefined)
      metrics?.workflowEnded(effect.tree.workflow);
    const next = seat.settle(effect?.claimed);
    if (effect !== undefined) await announce(queues, signals, effect, logger);
    if (effect?.claimed === undefined || next === undefined) return undefined;
    return { step: effect.claimed, tree: effect.tree, queue: next, count: count + 1 };
  } finally {
    state.runs.delete(step.id);
  }
}
