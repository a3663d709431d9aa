import type { WorkflowId } from '#pkg/domain';
import type { StepRow, TreeChange, WorkflowTree } from '../step-store.ts';

/** A workflow's tree as this process saw it last, and the revision that it had then. */
export interface KnownTree {
  readonly tree: WorkflowTree;
  readonly revision: number;
}

/**
 * The trees that this process changed last.
 *
 * Only a guess of what stands: whoever writes by one names its revision, and the database refuses when somebody
 * else was faster.
 */
export interface KnownTrees {
  /** Returns the tree and forgets it, so that a write whose reply is lost is not repeated on a guess. */
  take(workflowId: WorkflowId): KnownTree | undefined;
  keep(known: KnownTree): void;
  /** Remembers that the workflow is read in parts. */
  keepWide(workflowId: WorkflowId): void;
  isWide(workflowId: WorkflowId): boolean;
}

const TREES_MAX = 500;

/** Returns an empty memory; the oldest tree is forgotten when it is full. */
export function createKnownTrees(): KnownTrees {
  const trees = new Map<WorkflowId, KnownTree>();
  const wide = new Set<WorkflowId>();
  return {
    take: (workflowId) => {
      const known = trees.get(workflowId);
      trees.delete(workflowId);
      return known;
    },
    keep: (known) => {
      const { id: workflowId, finishedAtMs } = known.tree.workflow;
      trees.delete(workflowId);
      if (finishedAtMs !== undefined) return;
      trees.set(workflowId, known);
      const [oldest] = trees.keys();
      if (trees.size > TREES_MAX && oldest !== undefined) trees.delete(oldest);
    },
    keepWide: (workflowId) => {
      wide.delete(workflowId);
      wide.add(workflowId);
      const [oldest] = wide;
      if (wide.size > TREES_MAX && oldest !== undefined) wide.delete(oldest);
    },
    isWide: (workflowId) => wide.has(workflowId),
  };
}

/** Returns the rows of `change` as they will stand; updates of steps that the tree does not have are left out. */
export function changedSteps(tree: WorkflowTree, change: TreeChange): readonly StepRow[] {
  const byId = new Map(tree.steps.map((step) => [step.id, step]));
  return (change.updates ?? []).flatMap((update) => {
    const before = byId.get(update.id);
    return before === undefined ? [] : [{ ...before, ...update }];
  });
}

/** Returns the tree with `change` written, in the order in which it would be read. */
export function changedTree(tree: WorkflowTree, change: TreeChange): WorkflowTree {
  const after = new Map(changedSteps(tree, change).map((step) => [step.id, step]));
  const standing = tree.steps.map((step) => after.get(step.id) ?? step);
  const inserts = change.inserts ?? [];
  const steps = inserts.length === 0 ? standing : [...standing, ...inserts].toSorted(byId);
  return { ...tree, workflow: { ...tree.workflow, ...change.workflow }, steps };
}

function byId(a: StepRow, b: StepRow): number {
  return a.id < b.id ? -1 : 1;
}
