/** Everything that moves a tree by itself besides the end of a run: admission, waking, recovery. */
import { assert, type Reason } from '#pkg/base';
import type { StepRow, WorkflowTree } from '#pkg/store';
import { createDraft, type TreeDecision } from './draft.ts';
import { readyAgain } from './finish.ts';
import { settleBlock } from './settle.ts';

/** A step that ended its worker so often is failed instead of being passed round. */
export const CRASHES_MAX = 5;

/** Returns what admission changes: the workflow runs and its first index is ready. Nothing, when it was admitted before. */
export function admit(tree: WorkflowTree, nowMs: number): TreeDecision {
  const draft = createDraft(tree, { nowMs });
  if (tree.workflow.state === 'submitted') {
    draft.startWorkflow();
    const root = tree.steps.find((step) => step.parentStepId === undefined);
    assert(root !== undefined, 'a workflow has a root block.');
    settleBlock(draft, root.blockId);
  }
  return draft.decide();
}

/** Returns the workflow told why it does not begin. */
export function hold(tree: WorkflowTree, reason: Reason, nowMs: number): TreeDecision {
  const { workflow } = tree;
  const decision = createDraft(tree, { nowMs }).decide();
  return workflow.state === 'submitted' && workflow.reason !== reason
    ? { ...decision, change: { workflow: { reason } } }
    : decision;
}

/** Returns what the time `nowMs` changes: every delayed step that is due is ready. */
export function wake(tree: WorkflowTree, nowMs: number): TreeDecision {
  const draft = createDraft(tree, { nowMs });
  for (const step of tree.steps) {
    if (step.state !== 'delayed' || (step.runAfterMs ?? 0) > nowMs) continue;
    draft.move(step.id, 'Woken', { ...readyAgain(nowMs), reason: undefined });
  }
  return draft.decide();
}

/**
 * Returns what the loss of a worker changes for a step that it ran: ready again, one more crash, no attempt.
 *
 * `seen` is the run that was found abandoned; when the step has moved on since, nothing changes. The epoch
 * stays, so the old run is fenced by the state and, once claimed again, by the number.
 */
export function recover(
  tree: WorkflowTree,
  seen: Pick<StepRow, 'id' | 'epoch' | 'workerId'>,
  nowMs: number,
): TreeDecision {
  const draft = createDraft(tree, { nowMs });
  const step = draft.step(seen.id);
  const isSame =
    step.state === 'running' && step.epoch === seen.epoch && step.workerId === seen.workerId;
  if (!isSame) return draft.decide();
  const crashes = step.crashes + 1;
  if (crashes < CRASHES_MAX) {
    draft.move(step.id, 'Recovered', { ...readyAgain(nowMs), crashes });
    return draft.decide();
  }
  draft.move(step.id, 'Failed', {
    crashes,
    workerId: undefined,
    finishedAtMs: nowMs,
    reason: 'StepPoisoned',
    error: `the step ended its worker ${crashes} times`,
  });
  settleBlock(draft, step.blockId);
  return draft.decide();
}
