import type { StepId } from '#pkg/domain';
import type { StepFence, StepRow, StepState, WorkflowTree } from '../step-store.ts';

/** A workflow with more steps than this is read in parts. */
export const WHOLE_STEPS_MAX = 64;

export const ACTIVE_STATES: readonly StepState[] = ['ready', 'delayed', 'running', 'expanded'];

/**
 * Returns the step of the fence alone, when its change concerns no other step of the tree; undefined when it may.
 *
 * A step that stays on its way changes nothing else. One that ends changes nothing else as long as a step beside it is
 * on its way, and, if it breaks the block, nothing waits there that would be canceled.
 */
export function findPart(tree: WorkflowTree, fence: StepFence): WorkflowTree | undefined {
  const step = tree.steps.find((row) => row.id === fence.stepId);
  if (step === undefined || fence.effect === undefined) return undefined;
  const part = { workflow: tree.workflow, steps: [step], isPart: true } as const;
  if (fence.effect === 'stays') return part;
  const beside = tree.steps.filter((row) => row.blockId === step.blockId && row.role === step.role);
  if (fence.effect === 'breaks' && beside.some(isDormantAfter(step))) return undefined;
  const isOneOnItsWay = beside.some(
    (row) => row.id !== step.id && row.index === step.index && ACTIVE_STATES.includes(row.state),
  );
  return isOneOnItsWay ? part : undefined;
}

function isDormantAfter(step: StepRow): (row: StepRow) => boolean {
  return ({ index, state }) => index > step.index && (state === 'waiting' || state === 'parked');
}

/** Returns what a handler may ask of a wide tree: all but the steps beside and after its own in its block. */
export function beforeStep(tree: WorkflowTree, stepId: StepId): WorkflowTree {
  const step = tree.steps.find((row) => row.id === stepId);
  return {
    workflow: tree.workflow,
    isPart: true,
    steps: tree.steps.filter(
      (row) =>
        row.blockId !== step?.blockId ||
        row.role !== step.role ||
        row.index < step.index ||
        row.id === stepId,
    ),
  };
}
