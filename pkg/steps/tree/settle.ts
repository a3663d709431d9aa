/**
 * What follows in a block when one of its steps changed.
 *
 * Sound block: when an index has concluded, the next one is promoted; when all have, unneeded compensation is
 * skipped and the parent completes. Broken block: what waits is canceled; steps of the broken index that are on
 * their way go on to their own end, so the result never depends on timing; then compensation runs in its own
 * order of index; then the parent fails, stops or is canceled. The end of a root block is the end of the workflow.
 */
import type { StepRow, WorkflowState } from '#pkg/store';
import { isActive, isBroken, isConcluded } from './step-transitions.ts';
import type { TreeDraft } from './draft.ts';

type BlockEnd = 'completed' | 'stopped' | 'failed' | 'canceled';

/** Brings the block, and every block above that its end reaches, to rest. */
export function settleBlock(draft: TreeDraft, blockId: string): void {
  const defaults = ofRole(draft.block(blockId), 'default');
  if (defaults.some((step) => isBroken(step.state))) settleBroken(draft, blockId);
  else settleSound(draft, blockId, defaults);
}

function settleSound(draft: TreeDraft, blockId: string, defaults: readonly StepRow[]): void {
  const openIndex = findOpenIndex(defaults);
  if (openIndex !== undefined) {
    promote(draft, defaults, openIndex);
    return;
  }
  for (const step of ofRole(draft.block(blockId), 'compensation')) {
    if (step.state === 'parked') {
      draft.move(step.id, 'Skipped', ended(draft, { reason: 'CompensationNotNeeded' }));
    }
  }
  endBlock(draft, blockId, 'completed');
}

function settleBroken(draft: TreeDraft, blockId: string): void {
  cancelDormant(draft, ofRole(draft.block(blockId), 'default'));
  const defaults = ofRole(draft.block(blockId), 'default');
  if (defaults.some((step) => isActive(step.state))) return;

  const compensation = ofRole(draft.block(blockId), 'compensation');
  const isCompensationBroken = compensation.some((step) => isBroken(step.state));
  if (isCompensationBroken) {
    cancelDormant(draft, compensation);
    if (compensation.some((step) => isActive(step.state))) return;
  } else {
    const openIndex = findOpenIndex(compensation);
    if (openIndex !== undefined) {
      promote(draft, compensation, openIndex);
      return;
    }
  }
  if (isCompensationBroken || defaults.some((step) => step.state === 'failed')) {
    endBlock(draft, blockId, 'failed');
  } else {
    const isStopped = defaults.some((step) => step.state === 'stopped');
    endBlock(draft, blockId, isStopped ? 'stopped' : 'canceled');
  }
}

function promote(draft: TreeDraft, steps: readonly StepRow[], index: number): void {
  for (const step of steps) {
    if (step.index !== index || (step.state !== 'waiting' && step.state !== 'parked')) continue;
    draft.move(step.id, 'Promoted', {
      readyAtMs: draft.time.nowMs,
      predecessorEndedAtMs: draft.time.endedAtMs,
    });
  }
}

function cancelDormant(draft: TreeDraft, steps: readonly StepRow[]): void {
  for (const step of steps) {
    if (step.state !== 'waiting' && step.state !== 'parked') continue;
    draft.move(step.id, 'Canceled', ended(draft, { reason: 'BlockBroken' }));
  }
}

function endBlock(draft: TreeDraft, blockId: string, end: BlockEnd): void {
  const [member] = draft.block(blockId);
  if (member === undefined) return;
  const culprit = draft
    .block(blockId)
    .find((step) => step.state === end && end !== 'completed' && step.reason !== 'BlockBroken');
  if (member.parentStepId === undefined) {
    const state: WorkflowState = end === 'failed' && isRescued(draft, blockId) ? 'rescued' : end;
    draft.endWorkflow(state, culprit?.reason);
    return;
  }
  const parent = draft.step(member.parentStepId);
  if (parent.state !== 'expanded') return;
  const event = {
    completed: 'Completed',
    stopped: 'Stopped',
    failed: 'Failed',
    canceled: 'Canceled',
  } as const;
  draft.move(parent.id, event[end], {
    ...ended(draft, { reason: culprit?.reason }),
    ...(end === 'failed' ? { error: `below, ${culprit?.name ?? 'a step'} failed` } : {}),
  });
  settleBlock(draft, parent.blockId);
}

/** True when every failure of the block was compensated, in it or in the block where it began. */
function isRescued(draft: TreeDraft, blockId: string): boolean {
  const steps = draft.block(blockId);
  const compensation = ofRole(steps, 'compensation');
  if (compensation.length > 0) return compensation.every((step) => isConcluded(step.state));
  return ofRole(steps, 'default')
    .filter((step) => step.state === 'failed')
    .every((step) => {
      const [child] = draft.childrenOf(step.id);
      return child !== undefined && isRescued(draft, child.blockId);
    });
}

function findOpenIndex(steps: readonly StepRow[]): number | undefined {
  const open = steps.filter((step) => !isConcluded(step.state)).map((step) => step.index);
  return open.length === 0 ? undefined : Math.min(...open);
}

function ofRole(steps: readonly StepRow[], role: StepRow['role']): readonly StepRow[] {
  return steps.filter((step) => step.role === role);
}

function ended(
  draft: TreeDraft,
  fields: Pick<StepRow, 'reason'>,
): Pick<StepRow, 'reason' | 'finishedAtMs'> {
  return { ...fields, finishedAtMs: draft.time.endedAtMs ?? draft.time.nowMs };
}
