import type { StepFence, StepRow, TreeChange, WorkflowTree } from '../step-store.ts';

/** Returns the rows of `change` as they will stand; updates of steps that the tree does not have are left out. */
export function changedSteps(tree: WorkflowTree, change: TreeChange): readonly StepRow[] {
  const byId = new Map(tree.steps.map((step) => [step.id, step]));
  return (change.updates ?? []).flatMap((update) => {
    const before = byId.get(update.id);
    return before === undefined ? [] : [{ ...before, ...update }];
  });
}

/** Returns the tree with `change` written, in the order in which it would be read; what does not change is the same object. */
export function changedTree(tree: WorkflowTree, change: TreeChange): WorkflowTree {
  const after = new Map(changedSteps(tree, change).map((step) => [step.id, step]));
  const standing = tree.steps.map((step) => after.get(step.id) ?? step);
  const inserts = change.inserts ?? [];
  const steps = inserts.length === 0 ? standing : [...standing, ...inserts].toSorted(byId);
  const workflow =
    change.workflow === undefined ? tree.workflow : { ...tree.workflow, ...change.workflow };
  return { ...tree, workflow, steps };
}

/** True while the worker of the fence still runs its step, in the epoch of its claim. */
export function isFenceOpen(tree: Pick<WorkflowTree, 'steps'>, fence: StepFence): boolean {
  const step = tree.steps.find((row) => row.id === fence.stepId);
  return (
    step?.state === 'running' && step.workerId === fence.workerId && step.epoch === fence.epoch
  );
}

/** True when nothing is to be written. */
export function isNoChange({ workflow, updates = [], inserts = [] }: TreeChange): boolean {
  return workflow === undefined && updates.length === 0 && inserts.length === 0;
}

function byId(a: StepRow, b: StepRow): number {
  return a.id < b.id ? -1 : 1;
}
