import type { StepId, WorkflowId } from '#pkg/domain';
import type { WorkflowTree } from '../step-store.ts';

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
  /** Returns the tree in which the step is ready, and keeps it. */
  findReady(stepId: StepId): KnownTree | undefined;
  /** Remembers the tree, unless a newer one is known. */
  keep(known: KnownTree): void;
  /** Remembers that the workflow is read in parts. */
  keepWide(workflowId: WorkflowId): void;
  isWide(workflowId: WorkflowId): boolean;
}

const TREES_MAX = 500;

/** Returns an empty memory; the oldest tree is forgotten when it is full. */
export function createKnownTrees(): KnownTrees {
  const trees = new Map<WorkflowId, KnownTree>();
  const ready = new Map<StepId, KnownTree>();
  const wide = new Set<WorkflowId>();
  const forget = (workflowId: WorkflowId): KnownTree | undefined => {
    const known = trees.get(workflowId);
    trees.delete(workflowId);
    for (const step of known?.tree.steps ?? []) if (step.state === 'ready') ready.delete(step.id);
    return known;
  };
  return {
    take: forget,
    findReady: (stepId) => ready.get(stepId),
    keep: (known) => {
      const { id: workflowId, finishedAtMs } = known.tree.workflow;
      if ((trees.get(workflowId)?.revision ?? 0) > known.revision) return;
      forget(workflowId);
      if (finishedAtMs !== undefined) return;
      trees.set(workflowId, known);
      for (const step of known.tree.steps) if (step.state === 'ready') ready.set(step.id, known);
      const [oldest] = trees.keys();
      if (trees.size > TREES_MAX && oldest !== undefined) forget(oldest);
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
