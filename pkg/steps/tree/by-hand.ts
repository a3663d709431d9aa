/**
 * What a person may do to a workflow: skip a step, cancel what has not begun, retry what broke.
 *
 * Nothing here ends a run that is under way: it would go on in its worker while what follows begins. Such a step is
 * refused, or, when a whole workflow is canceled, goes on to its own end like one beside a failure.
 */
import type { StepId } from '#pkg/domain';
import type { StepRow, WorkflowTree } from '#pkg/store';
import { createDraft, type TreeDecision, type TreeDraft } from './draft.ts';
import { readyAgain } from './finish.ts';
import { settleBlock } from './settle.ts';
import { isActive, isBroken } from './step-transitions.ts';

/** `note` is what the rows say of it: who did it, and why. */
export interface ByHand {
  readonly nowMs: number;
  readonly note: string;
}

export type HandDecision =
  | ({ readonly kind: 'decided' } & TreeDecision)
  | { readonly kind: 'refused'; readonly problem: string };

/** Skips an open step and everything below it; its block goes on as if it were not needed. */
export function skipByHand(tree: WorkflowTree, stepId: StepId, hand: ByHand): HandDecision {
  const draft = createDraft(tree, hand);
  const step = draft.step(stepId);
  const problem = findOpenProblem(draft, step);
  if (problem !== undefined) return refuse(problem);
  for (const below of openBelow(draft, step)) end(draft, below, 'Skipped', hand);
  draft.move(step.id, 'Skipped', {
    ...ended(hand),
    reason: 'SkippedByHand',
    error: hand.note,
  });
  settleBlock(draft, step.blockId);
  return { kind: 'decided', ...draft.decide() };
}

/**
 * Cancels a step that is open, or, without one, everything of the workflow that has not begun.
 *
 * The block breaks, so that its compensation runs; of a workflow that was never admitted there is nothing to undo.
 */
export function cancelByHand(
  tree: WorkflowTree,
  stepId: StepId | undefined,
  hand: ByHand,
): HandDecision {
  const draft = createDraft(tree, hand);
  if (stepId === undefined) return cancelWorkflow(draft, hand);
  const step = draft.step(stepId);
  const problem = findOpenProblem(draft, step);
  if (problem !== undefined) return refuse(problem);
  for (const below of openBelow(draft, step)) end(draft, below, 'Canceled', hand);
  end(draft, step, 'Canceled', hand);
  settleBlock(draft, step.blockId);
  return { kind: 'decided', ...draft.decide() };
}

function cancelWorkflow(draft: TreeDraft, hand: ByHand): HandDecision {
  const { state } = draft.workflow();
  if (state === 'submitted') {
    for (const step of draft.all()) end(draft, step, 'Canceled', hand);
    draft.endWorkflow('canceled', 'CanceledByHand');
    return { kind: 'decided', ...draft.decide() };
  }
  if (state !== 'running') return refuse(`the workflow has ended: ${state}`);
  const idle = draft
    .all()
    .filter((step) => ['ready', 'delayed', 'waiting'].includes(step.state))
    .filter((step) => !isCompensating(draft, step));
  if (idle.length === 0) {
    return refuse('only steps that run now, or compensate, are left; they go on to their own end');
  }
  for (const step of idle) end(draft, step, 'Canceled', hand);
  const blocks = new Set(idle.map((step) => step.blockId));
  // Children first: how they end is what their parents' blocks settle by.
  for (const blockId of [...blocks].toReversed()) settleBlock(draft, blockId);
  return { kind: 'decided', ...draft.decide() };
}

/**
 * Retries what broke: the given step, or every one of the workflow that broke by itself.
 *
 * It begins again with all its attempts, what was canceled after it waits again, and the steps above run on. Refused where
 * compensation has run: what it undid cannot be done again by going on. A delayed step is ready at once.
 */
export function retryByHand(
  tree: WorkflowTree,
  stepId: StepId | undefined,
  hand: ByHand,
): HandDecision {
  const draft = createDraft(tree, hand);
  const one = stepId === undefined ? undefined : draft.step(stepId);
  if (one?.state === 'delayed') {
    draft.move(one.id, 'Woken', { ...readyAgain(hand.nowMs), reason: undefined });
    return { kind: 'decided', ...draft.decide() };
  }
  const broken = draft.all().filter((step) => hasBrokenItself(draft, step));
  const chosen = one === undefined ? broken : broken.filter((step) => step.id === one.id);
  if (chosen.length === 0) return refuse('nothing of it has failed or stopped by itself');
  const other = broken.find((step) => !chosen.includes(step));
  if (other !== undefined) {
    return refuse(`${other.name} broke beside it; retry the whole workflow`);
  }
  const compensated = draft
    .all()
    .find((step) => step.role === 'compensation' && !isUntouched(step.state));
  if (compensated !== undefined) {
    return refuse(`${compensated.name} has compensated; submit the work anew`);
  }
  for (const step of chosen) {
    draft.move(step.id, 'Revived', {
      ...readyAgain(hand.nowMs),
      attempts: 0,
      crashes: 0,
      reason: undefined,
      error: undefined,
      finishedAtMs: undefined,
    });
    reopenAbove(draft, step);
  }
  draft.reopenWorkflow();
  return { kind: 'decided', ...draft.decide() };
}

/** What was canceled beside and after the step waits again, and the step above runs on; up to the root. */
function reopenAbove(draft: TreeDraft, step: StepRow): void {
  for (const canceled of draft.block(step.blockId)) {
    if (canceled.state !== 'canceled' || canceled.reason !== 'BlockBroken') continue;
    draft.move(canceled.id, 'Reset', { reason: undefined, finishedAtMs: undefined });
  }
  if (step.parentStepId === undefined) return;
  const parent = draft.step(step.parentStepId);
  if (!isBroken(parent.state)) return;
  draft.move(parent.id, 'Reopened', {
    reason: undefined,
    error: undefined,
    finishedAtMs: undefined,
  });
  reopenAbove(draft, parent);
}

function hasBrokenItself(draft: TreeDraft, step: StepRow): boolean {
  if (step.state !== 'failed' && step.state !== 'stopped') return false;
  return draft.childrenOf(step.id).length === 0;
}

function isUntouched(state: StepRow['state']): boolean {
  return state === 'parked' || state === 'skipped';
}

function isCompensating(draft: TreeDraft, step: StepRow): boolean {
  if (step.role === 'compensation') return true;
  return step.parentStepId !== undefined && isCompensating(draft, draft.step(step.parentStepId));
}

function findOpenProblem(draft: TreeDraft, step: StepRow): string | undefined {
  if (draft.workflow().state !== 'running') return `the workflow is ${draft.workflow().state}`;
  if (!isOpen(step)) return `the step has ended: ${step.state}`;
  const running = [step, ...openBelow(draft, step)].find(({ state }) => state === 'running');
  if (running === undefined) return undefined;
  return `${running.name} runs now; wait until its run has ended`;
}

/** Returns what is open below the step, deepest first. */
function openBelow(draft: TreeDraft, step: StepRow): readonly StepRow[] {
  return draft
    .childrenOf(step.id)
    .flatMap((child) => [...openBelow(draft, child), ...(isOpen(child) ? [child] : [])]);
}

function isOpen(step: StepRow): boolean {
  return isActive(step.state) || step.state === 'waiting' || step.state === 'parked';
}

function end(draft: TreeDraft, step: StepRow, event: 'Canceled' | 'Skipped', hand: ByHand): void {
  const reason = event === 'Skipped' ? 'ParentSkipped' : 'CanceledByHand';
  draft.move(step.id, event, { ...ended(hand), reason, error: hand.note });
}

function ended({ nowMs }: ByHand): Partial<StepRow> {
  return { finishedAtMs: nowMs, workerId: undefined, runAfterMs: undefined };
}

function refuse(problem: string): HandDecision {
  return { kind: 'refused', problem };
}
